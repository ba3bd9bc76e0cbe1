"""One rule of a security group."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pulumi
from annotated_types import Interval

from components.core.addresses import ipv4_block, ipv6_block
from components.core.checks import check, check_fields, matches, when

HTTPS = 443
EVERYWHERE = ("0.0.0.0/0", "::/0")
# https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
DESCRIPTION = r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}"


def description_mistake(description: str) -> str | None:
    """Allow what AWS takes as the description of a group or a rule."""
    return matches(
        "description",
        description,
        DESCRIPTION,
        "1 to 255 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*",
    )


@dataclass(frozen=True, kw_only=True)
class TrafficRule:
    """Traffic that is let through: a port, or the ports up to `to_port`, and one peer.

    The peer is a block of addresses, a prefix list (a gateway endpoint's, say) or another group.
    """

    name: str
    description: str
    port: Annotated[int, Interval(ge=0, le=65_535)] = HTTPS
    to_port: Annotated[int, Interval(ge=0, le=65_535)] | None = None
    protocol: Literal["tcp", "udp"] = "tcp"
    cidr_ipv4: pulumi.Input[str] | None = None
    cidr_ipv6: pulumi.Input[str] | None = None
    prefix_list_id: pulumi.Input[str] | None = None
    group_id: pulumi.Input[str] | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        check(*self._mistakes())

    def inputs(self) -> dict[str, Any]:
        """Return the inputs of the rule, but for its group."""
        return {
            "description": self.description,
            "ip_protocol": self.protocol,
            "from_port": self.port,
            "to_port": self.port if self.to_port is None else self.to_port,
            "cidr_ipv4": self.cidr_ipv4,
            "cidr_ipv6": self.cidr_ipv6,
            "prefix_list_id": self.prefix_list_id,
            "referenced_security_group_id": self.group_id,
        }

    @property
    def title(self) -> str:
        """The rule in words: what a mistake is about."""
        ports = self.port if self.to_port is None else f"{self.port} to {self.to_port}"
        return f"rule {self.name} for {self.protocol} {ports}"

    @property
    def of_everybody(self) -> bool:
        """Whether the peer is anybody."""
        return self.cidr_ipv4 in EVERYWHERE or self.cidr_ipv6 in EVERYWHERE

    def of_ports(self, *ports: int) -> bool:
        """Whether it is for one of these ports and for no other."""
        return self.port in ports and self.to_port in (None, self.port)

    def _mistakes(self) -> Iterator[str | None]:
        peers = (self.cidr_ipv4, self.cidr_ipv6, self.prefix_list_id, self.group_id)
        given = sum(peer is not None for peer in peers)
        yield matches("name", self.name, r"[a-z][a-z0-9-]{0,19}", "1 to 20 letters, digits and -")
        yield description_mistake(self.description)
        yield when(
            given != 1,
            f"{self.title} has {given} peers: allowed is one of cidr_ipv4, cidr_ipv6, "
            "prefix_list_id and group_id",
        )
        yield when(
            self.to_port is not None and self.to_port < self.port,
            f"to_port is {self.to_port}: allowed is the port of {self.port} or more",
        )
        # What comes from a resource is not known yet.
        if isinstance(self.cidr_ipv4, str):
            yield when(
                ipv4_block(self.cidr_ipv4) is None,
                f"cidr_ipv4 is {self.cidr_ipv4!r}: allowed is a block such as 10.0.0.0/16",
            )
        if isinstance(self.cidr_ipv6, str):
            yield when(
                ipv6_block(self.cidr_ipv6) is None,
                f"cidr_ipv6 is {self.cidr_ipv6!r}: allowed is a block such as 2001:db8::/56",
            )


HTTPS_TO_INTERNET = TrafficRule(
    name="internet", description="HTTPS to the internet", cidr_ipv4=EVERYWHERE[0]
)
HTTPS_TO_INTERNET_IPV6 = TrafficRule(
    name="internet-ipv6", description="HTTPS to the internet by IPv6", cidr_ipv6=EVERYWHERE[1]
)
