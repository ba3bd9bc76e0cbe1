"""The settings of a network."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Interval

from components.core.account import Account
from components.core.checks import check, check_fields, when
from components.core.encryption_key import EncryptionKey
from components.core.logs import LogSettings
from components.network.address_plan import KINDS, MOST_ZONES, Kind, cidr_mistake, most_zones


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """Settings of a Network.

    It has a subnet of each kind asked for in each of its `zones`: `public` subnets have a way to
    and from the internet, for what has a public address; `private` ones a way out, if there is
    one; `isolated` ones never any. The ways out are `nat`, of which each gateway is billed by the
    hour and by the gigabyte, and `ipv6_egress`, which costs nothing and leads to what has an IPv6
    address. Flows that were refused are logged, or with `ALL` those accepted too.
    """

    account: Account
    cidr: str = "10.0.0.0/16"
    zones: Annotated[int, Interval(ge=1, le=MOST_ZONES)] = 2
    public: bool = False
    private: bool = True
    isolated: bool = False
    nat: Literal["none", "one", "per_zone"] = "none"
    ipv6_egress: bool = False
    flow_logs: Literal["REJECT", "ALL"] = "REJECT"
    logs: LogSettings = field(default_factory=LogSettings)
    key: EncryptionKey | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        check(cidr_mistake(self.cidr))
        check(*self._mistakes())

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of subnets asked for."""
        asked = {"private": self.private, "isolated": self.isolated, "public": self.public}
        return tuple(kind for kind in KINDS if asked[kind])

    @property
    def has_way_out(self) -> bool:
        """Whether private subnets reach the internet."""
        return self.nat != "none" or self.ipv6_egress

    def _mistakes(self) -> Iterator[str | None]:
        most = most_zones(self.cidr)
        yield when(
            self.zones > most, f"zones is {self.zones}: allowed is up to {most} in {self.cidr}"
        )
        yield when(
            not self.kinds, "public, private and isolated are all False: allowed is one or more"
        )
        yield when(
            self.nat != "none" and not (self.public and self.private),
            f"nat is {self.nat!r}: allowed is 'none' without public subnets, where gateways are, "
            "and private ones, which use them",
        )
        yield when(
            self.ipv6_egress and not self.private,
            "ipv6_egress is True: allowed is False without private subnets",
        )
