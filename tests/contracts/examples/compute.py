"""Programs of Managed Instances, releases, images, file systems and function URLs."""

from collections.abc import Callable

import pulumi_aws as aws

from components.api.function_url import FunctionUrl, FunctionUrlArgs, UrlCors
from components.compute.capacity_provider import CapacityProvider, CapacityProviderArgs
from components.compute.function import Function, FunctionArgs, VpcPlacement
from components.compute.instance_size import InstanceSize
from components.compute.managed_instances import ManagedInstances
from components.compute.placement import FileSystemMount
from components.compute.release import Release
from components.compute.release_settings import ReleaseSettings, TrafficShift
from components.core.account import Account
from components.core.encryption_key import EncryptionKey, EncryptionKeyArgs
from tests.contracts.examples.base import CODE, HANDLER, plain_function

SUBNETS = ("subnet-1", "subnet-2", "subnet-3")
IMAGE = f"123456789012.dkr.ecr.eu-central-1.amazonaws.com/work@sha256:{'0' * 64}"


def capacity_provider() -> CapacityProvider:
    account = Account.current(aws.Provider("aws"))
    provider = CapacityProvider(
        "fleet",
        CapacityProviderArgs(
            account=account,
            subnet_ids=SUBNETS,
            security_group_ids=("sg-1",),
            excluded_instance_types=("r8g.*",),
            max_vcpus=100,
            target_cpu_percent=60,
            key=EncryptionKey("volumes", EncryptionKeyArgs(account=account)),
        ),
    )
    size = InstanceSize(memory_mb=8_192, memory_gib_per_vcpu=4, concurrency=20)
    managed = ManagedInstances(provider=provider, size=size)
    Function("count", FunctionArgs(code=CODE, handler=HANDLER, managed_instances=managed))
    return provider


def release() -> Function:
    alarm = aws.cloudwatch.MetricAlarm(
        "errors", comparison_operator="GreaterThanThreshold", evaluation_periods=1
    )
    smoke = plain_function("smoke")
    settings = ReleaseSettings(
        shift=TrafficShift(kind="linear", percent=20, minutes=2),
        alarms=(alarm,),
        before_traffic=smoke,
        after_traffic=smoke,
    )
    return Function("work", FunctionArgs(code=CODE, handler=HANDLER, release=settings))


def function_url() -> FunctionUrl:
    system = aws.efs.FileSystem("models", encrypted=True)
    mount = FileSystemMount(
        access_point=aws.efs.AccessPoint("models", file_system_id=system.id), path="/mnt/models"
    )
    placement = VpcPlacement(subnet_ids=SUBNETS, security_group_ids=("sg-1",))
    guess = Function("guess", FunctionArgs(image=IMAGE, file_system=mount, vpc=placement))
    url = FunctionUrl(
        "guesses",
        FunctionUrlArgs(
            function=guess,
            caller_accounts=("210987654321",),
            invoke_mode="RESPONSE_STREAM",
            cors=UrlCors(origins=("https://example.com",)),
        ),
    )
    plain_function("ask", links=[url.caller()])
    return url


EXAMPLES: dict[type, Callable[[], object]] = {
    CapacityProvider: capacity_provider,
    Release: release,
    FunctionUrl: function_url,
}
