"""Blocks of addresses, as AWS takes them: 10.0.0.0/16, and not 10.0.0.1/16."""

from ipaddress import IPv4Network, IPv6Network


def ipv4_block(text: str) -> IPv4Network | None:
    """Return the block that a text names; None where it names none."""
    try:
        block = IPv4Network(text)
    except ValueError:
        return None
    return block if str(block) == text else None


def ipv6_block(text: str) -> IPv6Network | None:
    """Return the IPv6 block that a text names; None where it names none."""
    try:
        block = IPv6Network(text)
    except ValueError:
        return None
    return block if str(block) == text else None
