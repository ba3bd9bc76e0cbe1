"""Where the subnets of a network lie: a plan in which nothing that is added moves the others."""

import ipaddress
from typing import Literal, get_args

from components.core.addresses import ipv4_block
from components.core.checks import when

Kind = Literal["private", "isolated", "public"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# A quarter of the network for each kind, and one that stays free.
KIND_BITS = 2
# Places for eight zones in each quarter; a /24 has four, because a subnet has a /28 or more:
# https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
ZONE_BITS = 3
LONGEST_PREFIX = 28
MOST_ZONES = 6
# The blocks that AWS recommends, as they are nobody's on the internet:
# https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
PRIVATE = tuple(
    ipaddress.IPv4Network(block)
    for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)
SHORTEST, LONGEST = 16, 24


def cidr_mistake(cidr: str) -> str | None:
    """Return what is wrong with the block of a network."""
    block = ipv4_block(cidr)
    fits = (
        block is not None
        and SHORTEST <= block.prefixlen <= LONGEST
        and any(block.subnet_of(each) for each in PRIVATE)
    )
    return when(
        not fits,
        f"cidr is {cidr!r}: allowed is a private IPv4 block of /{SHORTEST} to /{LONGEST}, such as "
        "10.0.0.0/16",
    )


def most_zones(cidr: str) -> int:
    """Return for how many zones a network has places."""
    return min(MOST_ZONES, 1 << _zone_bits(ipaddress.IPv4Network(cidr).prefixlen))


def subnet_cidr(cidr: str, kind: Kind, zone: int) -> str:
    """Return the block of the subnet of a kind in a zone, counted from 0."""
    block = ipaddress.IPv4Network(cidr)
    bits = _zone_bits(block.prefixlen)
    prefix = block.prefixlen + KIND_BITS + bits
    place = KINDS.index(kind) << bits | zone
    return f"{block.network_address + (place << (32 - prefix))}/{prefix}"


def subnet_ipv6_cidr(block: str, kind: Kind, zone: int) -> str:
    """Return the /64 of the same subnet in the network's IPv6 block, which AWS chooses."""
    place = KINDS.index(kind) << ZONE_BITS | zone
    return f"{ipaddress.IPv6Network(block).network_address + (place << 64)}/64"


def _zone_bits(prefix: int) -> int:
    return min(ZONE_BITS, LONGEST_PREFIX - KIND_BITS - prefix)
