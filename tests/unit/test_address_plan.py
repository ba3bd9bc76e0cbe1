import ipaddress
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.network.address_plan import (
    KINDS,
    MOST_ZONES,
    Kind,
    cidr_mistake,
    most_zones,
    subnet_cidr,
    subnet_ipv6_cidr,
)


@pytest.mark.parametrize(
    ("cidr", "kind", "zone", "expected"),
    [
        ("10.0.0.0/16", "private", 0, "10.0.0.0/21"),
        ("10.0.0.0/16", "private", 2, "10.0.16.0/21"),
        ("10.0.0.0/16", "isolated", 0, "10.0.64.0/21"),
        ("10.0.0.0/16", "public", 5, "10.0.168.0/21"),
        ("192.168.4.0/23", "public", 1, "192.168.5.16/28"),
        ("192.168.4.0/24", "public", 3, "192.168.4.176/28"),
    ],
)
def test_a_subnet_lies_where_the_plan_says(
    cidr: str, kind: Kind, zone: int, expected: str
) -> None:
    assert subnet_cidr(cidr, kind, zone) == expected


@given(st.integers(16, 24), st.integers(0, 2**8 - 1))
def test_subnets_lie_in_the_network_and_apart_and_leave_a_quarter_free(
    prefix: int, number: int
) -> None:
    block = ipaddress.IPv4Network((10 << 24 | (number << 16), prefix))
    places = itertools.product(KINDS, range(most_zones(str(block))))
    subnets = [ipaddress.IPv4Network(subnet_cidr(str(block), kind, zone)) for kind, zone in places]
    assert all(subnet.subnet_of(block) and subnet.prefixlen <= 28 for subnet in subnets)
    assert not any(a.overlaps(b) for a, b in itertools.combinations(subnets, 2))
    *_, free = block.subnets(prefixlen_diff=2)
    assert not any(subnet.overlaps(free) for subnet in subnets)


def test_a_network_has_places_for_six_zones_and_a_small_one_for_four() -> None:
    assert most_zones("10.0.0.0/16") == most_zones("10.0.0.0/23") == MOST_ZONES == 6
    assert most_zones("10.0.0.0/24") == 4


def test_subnets_have_their_own_ipv6_blocks() -> None:
    blocks = {
        subnet_ipv6_cidr("2001:db8:0:a00::/56", kind, zone)
        for kind in KINDS
        for zone in range(MOST_ZONES)
    }
    assert len(blocks) == len(KINDS) * MOST_ZONES
    assert subnet_ipv6_cidr("2001:db8:0:a00::/56", "isolated", 1) == "2001:db8:0:a09::/64"


@pytest.mark.parametrize(
    "cidr", ["10.0.0.0/16", "10.255.255.0/24", "172.31.0.0/16", "192.168.0.0/16", "100.64.0.0/16"]
)
def test_a_private_block_of_16_to_24_bits_is_allowed(cidr: str) -> None:
    assert cidr_mistake(cidr) is None


@pytest.mark.parametrize(
    "cidr",
    [
        *("10.0.0.0/15", "10.0.0.0/25", "10.0.0.1/16", "10.0.0.0/255.255.0.0", "10.0.0.0", ""),
        *("8.8.0.0/16", "172.32.0.0/16", "192.169.0.0/16", "100.128.0.0/16", "fd00::/56", "a"),
    ],
)
def test_any_other_is_refused(cidr: str) -> None:
    assert str(cidr_mistake(cidr)).startswith(f"cidr is {cidr!r}: allowed is a private IPv4 block")
