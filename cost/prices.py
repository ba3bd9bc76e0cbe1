"""The price book: US dollars in one Region, each with AWS's page for it and the day that it is of.

Without the free tier, Savings Plans, Spot, taxes and data transfer. Tiers stand with what they
begin at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

Architecture = Literal["arm64", "x86_64"]
REGION = "us-east-1"
HOURS_PER_MONTH = 730
SECONDS_PER_MONTH = HOURS_PER_MONTH * 3_600
LAMBDA = "https://aws.amazon.com/lambda/pricing/"
FARGATE = "https://aws.amazon.com/fargate/pricing/"
EC2 = "https://aws.amazon.com/ec2/pricing/on-demand/"
EKS = "https://aws.amazon.com/eks/pricing/"
VPC = "https://aws.amazon.com/vpc/pricing/"
PRIVATE_LINK = "https://aws.amazon.com/privatelink/pricing/"


@dataclass(frozen=True, kw_only=True)
class Price:
    """What one unit costs."""

    usd: float
    unit: str
    page: str
    as_of: date


def _lambda(usd: float, unit: str) -> Price:
    return Price(usd=usd, unit=unit, page=LAMBDA, as_of=date(2026, 9, 19))


def _fargate(usd: float, unit: str) -> Price:
    return Price(usd=usd, unit=unit, page=FARGATE, as_of=date(2026, 4, 1))


REQUEST = _lambda(0.20 / 1_000_000, "request")
# From how many GB-seconds of a month on, and what each then costs.
DURATION: Mapping[Architecture, Sequence[tuple[float, Price]]] = {
    "arm64": (
        (0, _lambda(0.0000133334, "GB-second")),
        (7.5e9, _lambda(0.0000120001, "GB-second")),
        (18.75e9, _lambda(0.0000106667, "GB-second")),
    ),
    "x86_64": (
        (0, _lambda(0.0000166667, "GB-second")),
        (6e9, _lambda(0.0000150000, "GB-second")),
        (15e9, _lambda(0.0000133334, "GB-second")),
    ),
}
# Provisioned concurrency: kept warm, and in use.
WARM: Mapping[Architecture, Price] = {
    "arm64": _lambda(0.0000033334, "GB-second"),
    "x86_64": _lambda(0.0000041667, "GB-second"),
}
WARM_DURATION: Mapping[Architecture, Price] = {
    "arm64": _lambda(0.0000077778, "GB-second"),
    "x86_64": _lambda(0.0000097222, "GB-second"),
}
# SnapStart for Python: a version's snapshot, three hours at least, and each restoration of it.
SNAPSHOT = _lambda(0.0000015046, "GB-second")
RESTORATION = _lambda(0.0001397998, "GB")
DURABLE_OPERATION = _lambda(8.00 / 1_000_000, "operation")
DURABLE_WRITTEN = _lambda(0.25, "GB")
DURABLE_RETAINED = _lambda(0.15, "GB-month")
# Of an instance's own price.
MANAGEMENT = _lambda(0.15, "dollar of the instance")


@dataclass(frozen=True, kw_only=True)
class Instance:
    """An EC2 instance, of those on which Managed Instances run."""

    name: str
    vcpus: int
    memory_gb: int
    hour: Price


INSTANCES: Mapping[Architecture, Instance] = {
    "arm64": Instance(
        name="c7g.xlarge",
        vcpus=4,
        memory_gb=8,
        hour=Price(usd=0.1450, unit="hour", page=EC2, as_of=date(2026, 9, 19)),
    ),
    "x86_64": Instance(
        name="c7i.xlarge",
        vcpus=4,
        memory_gb=8,
        hour=Price(usd=0.1785, unit="hour", page=EC2, as_of=date(2026, 9, 19)),
    ),
}
FARGATE_VCPU: Mapping[Architecture, Price] = {
    "arm64": _fargate(0.03238, "vCPU-hour"),
    "x86_64": _fargate(0.04048, "vCPU-hour"),
}
FARGATE_MEMORY: Mapping[Architecture, Price] = {
    "arm64": _fargate(0.00356, "GB-hour"),
    "x86_64": _fargate(0.004445, "GB-hour"),
}
CLUSTER = Price(usd=0.10, unit="hour", page=EKS, as_of=date(2026, 4, 1))
NAT_GATEWAY = Price(usd=0.045, unit="hour", page=VPC, as_of=date(2026, 4, 1))
NAT_DATA = Price(usd=0.045, unit="GB", page=VPC, as_of=date(2026, 4, 1))
PUBLIC_ADDRESS = Price(usd=0.005, unit="hour", page=VPC, as_of=date(2026, 4, 1))
INTERFACE_ENDPOINT = Price(
    usd=0.01, unit="hour and zone", page=PRIVATE_LINK, as_of=date(2026, 4, 1)
)
INTERFACE_DATA = Price(usd=0.01, unit="GB", page=PRIVATE_LINK, as_of=date(2026, 4, 1))
