from typing import Any

import pytest

from components.compute.asynchronous import AsynchronousInvocation
from components.compute.function import Function, FunctionArgs, VpcPlacement
from components.core.checks import ArgumentsError
from components.core.links import Link
from components.events.event_bus import EventBus
from components.events.queue import Queue
from tests.contracts.examples.base import CODE, HANDLER, event_bus, plain_function
from tests.recording import Deployment, deploy


def deployed(**settings: Any) -> Deployment:
    return deploy(lambda: Function("work", FunctionArgs(code=CODE, handler=HANDLER, **settings)))


def test_failed_events_end_in_a_queue_of_the_functions_own() -> None:
    deployment = deployed(asynchronous=AsynchronousInvocation(retries=1, maximum_age_seconds=60))
    config = deployment.inputs("FunctionEventInvokeConfig")
    assert config["qualifier"] == "live"
    assert (config["maximumRetryAttempts"], config["maximumEventAgeInSeconds"]) == (1, 60)
    failures = deployment.arn("sqs/queue:Queue")
    assert config["destinationConfig"] == {"onFailure": {"destination": failures}}
    (statement,) = deployment.document("RolePolicy", "work-destinations-policy")["Statement"]
    assert statement["Action"] == ["sqs:SendMessage"]
    assert statement["Resource"] == [failures]


def test_results_can_go_to_a_queue_a_bus_or_another_function() -> None:
    def program() -> None:
        settings = AsynchronousInvocation(
            on_success=EventBus("events"), on_failure=Queue("failed")
        )
        args = FunctionArgs(code=CODE, handler=HANDLER, asynchronous=settings)
        Function("work", args)
        chained = AsynchronousInvocation(on_success=plain_function("next"))
        Function("first", FunctionArgs(code=CODE, handler=HANDLER, asynchronous=chained))

    deployment = deploy(program)
    destinations = deployment.inputs("FunctionEventInvokeConfig", "work-asynchronous")
    assert destinations["destinationConfig"]["onSuccess"]["destination"].endswith(
        ":event-bus/events-bus"
    )
    assert destinations["destinationConfig"]["onFailure"]["destination"].endswith(":failed-queue")
    chained = deployment.inputs("FunctionEventInvokeConfig", "first-asynchronous")
    assert chained["destinationConfig"]["onSuccess"]["destination"].endswith(":live")
    actions = [
        action
        for name in ("work", "first")
        for each in deployment.document("RolePolicy", f"{name}-destinations-policy")["Statement"]
        for action in each["Action"]
    ]
    assert actions == [
        "sqs:SendMessage",
        "events:PutEvents",
        "sqs:SendMessage",
        "lambda:InvokeFunction",
    ]


def test_a_rule_keeps_the_events_that_its_function_fails_on() -> None:
    deployment = deploy(event_bus)
    assert (
        deployment.inputs("FunctionEventInvokeConfig")["functionName"] == "work-function-1234567"
    )


def test_two_triggers_share_one_configuration() -> None:
    def program() -> None:
        bus, work = EventBus("events"), plain_function()
        bus.on("one", {"source": ["a"]}, work)
        bus.on("two", {"source": ["b"]}, work)

    assert len(deploy(program).all("FunctionEventInvokeConfig")) == 1


def test_a_recursive_loop_is_ended_unless_it_is_allowed() -> None:
    assert not deployed().all("FunctionRecursionConfig")
    assert deployed(recursion=True).inputs("FunctionRecursionConfig")["recursiveLoop"] == "Allow"


def test_a_function_may_invoke_anothers_target() -> None:
    made: list[Link] = []
    deploy(lambda: made.append(plain_function().invoker()))
    assert made[0].grants[0].actions == ("lambda:InvokeFunction",)
    assert list(made[0].environment) == ["WORK_FUNCTION_ARN"]


def test_a_function_in_a_vpc_may_have_network_interfaces() -> None:
    vpc = VpcPlacement(subnet_ids=("subnet-a", "subnet-b"), security_group_ids=("sg-a",))
    deployment = deployed(vpc=vpc)
    assert deployment.inputs("function:Function")["vpcConfig"] == {
        "subnetIds": ["subnet-a", "subnet-b"],
        "securityGroupIds": ["sg-a"],
    }
    last = deployment.document("RolePolicy", "work-policy")["Statement"][-1]
    assert "ec2:CreateNetworkInterface" in last["Action"]


def test_in_dual_stack_subnets_it_may_go_out_by_ipv6() -> None:
    groups = ("sg-a",)
    vpc = VpcPlacement(subnet_ids=("a", "b"), security_group_ids=groups, ipv6=True)
    placed = deployed(vpc=vpc).inputs("function:Function")["vpcConfig"]
    assert placed["ipv6AllowedForDualStack"] is True


def test_outside_of_a_vpc_it_may_not() -> None:
    assert "ec2:" not in str(deployed().document("RolePolicy", "work-policy"))


@pytest.mark.parametrize(
    ("subnets", "groups", "message"),
    [
        (1, 1, "number of subnet_ids is 1: allowed is 2 to 16"),
        (17, 1, "number of subnet_ids is 17: allowed is 2 to 16"),
        (2, 0, "number of security_group_ids is 0: allowed is 1 to 5"),
        (2, 6, "number of security_group_ids is 6: allowed is 1 to 5"),
    ],
)
def test_a_placement_has_two_subnets_and_a_group(subnets: int, groups: int, message: str) -> None:
    with pytest.raises(ArgumentsError, match=message):
        VpcPlacement(subnet_ids=("s",) * subnets, security_group_ids=("g",) * groups)
    VpcPlacement(subnet_ids=("s",) * 16, security_group_ids=("g",) * 5)


def test_signed_code_can_be_asked_for() -> None:
    arn = "arn:aws:lambda:eu-central-1:123456789012:code-signing-config:csc-1"
    inputs = deployed(code_signing_config_arn=arn).inputs("function:Function")
    assert inputs["codeSigningConfigArn"] == arn
