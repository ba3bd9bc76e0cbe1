"""Writes what a network's ways to AWS and the internet cost: `python -m cost.ways_out`."""

from collections.abc import Iterator
from pathlib import Path

from cost import prices
from cost.pages import replaced
from cost.prices import HOURS_PER_MONTH

GUIDE = Path("docs/guides/networks.md")
DATA_GB = 100
ZONES = (2, 3)
INTERFACES = (2, 4, 6)


def nat(gateways: int, data_gb: float = 0) -> float:
    """Return what NAT gateways cost a month, each with its public address."""
    hour = prices.NAT_GATEWAY.usd + prices.PUBLIC_ADDRESS.usd
    return gateways * hour * HOURS_PER_MONTH + data_gb * prices.NAT_DATA.usd


def endpoints(interfaces: int, zones: int, data_gb: float = 0) -> float:
    """Return what interface endpoints cost a month; those of DynamoDB and S3 cost nothing."""
    hours = interfaces * zones * prices.INTERFACE_ENDPOINT.usd * HOURS_PER_MONTH
    return hours + data_gb * prices.INTERFACE_DATA.usd


def table() -> str:
    """Return the costs of ways out, for networks of two and of three zones."""
    head = ["way", *(f"{zones} zones" for zones in ZONES)]
    lines = [head, ["---"] * len(head), *_rows()]
    rows = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    said = (
        f"US dollars a month in {prices.REGION} with {DATA_GB} GB of data, from the price book in "
        "`cost/prices.py` (`make docs` writes this table):"
    )
    return f"{said}\n\n{rows}"


def written() -> str:
    """Return the guide with the table of the prices as they are."""
    return replaced(GUIDE, "ways out", table())


def _rows() -> Iterator[list[str]]:
    yield ["no NAT, endpoints of DynamoDB and S3", *("0.00" for _ in ZONES)]
    for number in INTERFACES:
        costs = (f"{endpoints(number, zones, DATA_GB):.2f}" for zones in ZONES)
        yield [f"{number} interface endpoints", *costs]
    yield ['`nat="one"`', *(f"{nat(1, DATA_GB):.2f}" for _ in ZONES)]
    yield ['`nat="per_zone"`', *(f"{nat(zones, DATA_GB):.2f}" for zones in ZONES)]


if __name__ == "__main__":
    GUIDE.write_text(written())
