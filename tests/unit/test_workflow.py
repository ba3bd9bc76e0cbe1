"""A workflow: its machine, its rights, and who may start it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components.core.checks import ArgumentsError
from components.core.links import Link
from components.core.logs import LogSettings
from components.events.event_bus import EventBus
from components.workflow.flow import Pass
from components.workflow.workflow import Workflow, WorkflowArgs
from tests.contracts.examples.base import plain_function
from tests.contracts.examples.workflow import key
from tests.recording import deploy

ALIAS = "arn:aws:states:eu-central-1:123456789012:stateMachine:flow-machine:live"


def flow(**args: Any) -> Workflow:
    return Workflow("flow", WorkflowArgs(states=[Pass("one")], **args))


def machine(**args: Any) -> dict[str, Any]:
    return deploy(lambda: flow(**args) and None).inputs("StateMachine")


@pytest.mark.parametrize(
    ("given", "level", "data"),
    [
        ({}, "ERROR", False),
        ({"type": "EXPRESS"}, "ALL", True),
        ({"log_level": "ALL", "log_execution_data": True}, "ALL", True),
        ({"type": "EXPRESS", "log_level": "ERROR", "log_execution_data": False}, "ERROR", False),
        ({"log_level": "OFF"}, "OFF", False),
    ],
)
def test_what_is_logged_depends_on_whether_there_is_a_history(
    given: Any, level: str, data: bool
) -> None:
    logging = machine(**given)["loggingConfiguration"]
    assert (logging["level"], logging["includeExecutionData"]) == (level, data)
    assert logging["logDestination"].endswith(":log-group:flow-logs:*")


def test_logs_go_to_a_group_of_its_own_where_aws_wants_them() -> None:
    deployment = deploy(lambda: flow(logs=LogSettings(retention_days=30)) and None)
    group = deployment.inputs("LogGroup")
    assert group["namePrefix"] == "/aws/vendedlogs/states/flow-"
    assert group["retentionInDays"] == 30


@pytest.mark.parametrize(
    ("given", "services"),
    [({}, {"logs", "xray"}), ({"tracing": False}, {"logs"}), ({"log_level": "OFF"}, {"xray"})],
)
def test_a_machine_may_log_and_trace_where_it_does(given: Any, services: set[str]) -> None:
    deployment = deploy(lambda: flow(**given) and None)
    policy = deployment.document("RolePolicy", "flow-policy")
    found = {action.split(":")[0] for each in policy["Statement"] for action in each["Action"]}
    assert found == services
    traced = deployment.inputs("StateMachine")["tracingConfiguration"]["enabled"]
    assert traced == ("xray" in services)


def test_a_key_encrypts_machine_and_logs() -> None:
    deployment = deploy(lambda: flow(key=key()) and None)
    arn = deployment.arn("key:Key")
    assert deployment.inputs("StateMachine")["encryptionConfiguration"] == {
        "type": "CUSTOMER_MANAGED_KMS_KEY",
        "kmsKeyId": arn,
        "kmsDataKeyReusePeriodSeconds": 300,
    }
    assert deployment.inputs("LogGroup")["kmsKeyId"] == arn
    statement = deployment.document("RolePolicy", "flow-policy")["Statement"][2]
    assert statement["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert statement["Resource"] == [arn]


def test_a_key_lets_in_what_delivers_the_logs() -> None:
    policy = deploy(lambda: key() and None).document("key:Key")
    (statement,) = [
        each
        for each in policy["Statement"]
        if each["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    ]
    assert statement["Condition"] == {
        "StringEquals": {
            "kms:EncryptionContext:SourceArn": "arn:aws:logs:eu-central-1:123456789012:*"
        }
    }


def test_a_key_that_does_not_let_it_in_is_refused_unless_nothing_is_logged() -> None:
    with pytest.raises(ArgumentsError, match="workflow flow logs: services of key data are logs"):
        deploy(lambda: flow(key=key("logs")) and None)
    deploy(lambda: flow(key=key("logs"), log_level="OFF") and None)


def test_each_version_is_what_the_alias_starts() -> None:
    deployment = deploy(lambda: flow() and None)
    assert deployment.inputs("StateMachine")["publish"] is True
    alias = deployment.inputs("sfn/alias:Alias")
    assert alias["name"] == "live"
    assert alias["routingConfigurations"] == [
        {"stateMachineVersionArn": ALIAS.replace("live", "1"), "weight": 100}
    ]
    assert "flow-policy" in deployment.one("StateMachine").depends_on


def test_limits_of_the_whole_are_in_the_definition() -> None:
    found = json.loads(machine(timeout_seconds=60, comment="all")["definition"])
    assert (found["TimeoutSeconds"], found["Comment"]) == (60, "all")


def used(make: Callable[[Workflow], Link], type_: Any = "STANDARD") -> tuple[Any, Any]:
    """Return what a function with the link may do with Step Functions, and its variables."""
    deployment = deploy(lambda: plain_function("use", [make(flow(type=type_))]) and None)
    policy = deployment.document("RolePolicy", "use-policy")
    found = [each for each in policy["Statement"] if each["Action"][0].startswith("states:")]
    variables = deployment.inputs("function:Function")["environment"]["variables"]
    return {each["Action"][0]: each for each in found}, variables


def test_a_starter_starts_the_alias_and_knows_where_it_is() -> None:
    found, variables = used(Workflow.starter)
    assert found["states:StartExecution"]["Action"] == ["states:StartExecution"]
    assert found["states:StartExecution"]["Resource"] == [ALIAS]
    assert variables["FLOW_WORKFLOW_ARN"] == ALIAS


def test_the_starter_of_an_express_workflow_may_wait_for_it() -> None:
    found, _ = used(Workflow.starter, "EXPRESS")
    actions = found["states:StartExecution"]["Action"]
    assert actions == ["states:StartExecution", "states:StartSyncExecution"]


def test_who_calls_back_answers_for_the_tokens_of_this_machine() -> None:
    found, _ = used(Workflow.callback_sender)
    assert found["states:SendTaskFailure"]["Action"] == [
        "states:SendTaskFailure",
        "states:SendTaskHeartbeat",
        "states:SendTaskSuccess",
    ]
    assert found["states:SendTaskFailure"]["Resource"] == [ALIAS.removesuffix(":live")]


def test_a_rule_starts_the_alias_by_a_role_of_its_own() -> None:
    def program() -> None:
        EventBus("events").on("all", {"source": ["orders"]}, flow())

    deployment = deploy(program)
    target = deployment.inputs("EventTarget")
    assert target["arn"] == ALIAS
    assert target["roleArn"].endswith(":role/events-all-role")
    (statement,) = deployment.document("RolePolicy", "events-all-policy")["Statement"]
    assert (statement["Action"], statement["Resource"]) == (["states:StartExecution"], [ALIAS])


def test_a_workflow_is_a_destination() -> None:
    seen: list[pulumi.Output[str]] = []

    def program() -> None:
        made = flow()
        seen.append(made.destination_arn)
        assert made.destination_arn is made.target.arn
        (grant,) = made.destination_grants()
        assert grant.actions == ("states:StartExecution",)

    deploy(program)
    assert seen


def written(path: Path, text: str, **given: Any) -> WorkflowArgs:
    file = path / "flow.asl.json"
    file.write_text(text)
    return WorkflowArgs(definition_file=str(file), **given)


MACHINE = """{"StartAt": "a", "States": {"a": {
    "Type": "Task", "Resource": "%s", "Retry": [{"ErrorEquals": ["States.ALL"]}], "End": true
}}}"""


def test_a_file_may_hold_the_definition(tmp_path: Path) -> None:
    args = written(tmp_path, MACHINE % "${A}:${B}:x", substitutions={"A": "arn", "B": "b"})
    deployment = deploy(lambda: Workflow("flow", args) and None)
    found = deployment.document("StateMachine", "flow-machine", "definition")
    assert found["States"]["a"]["Resource"] == "arn:b:x"


def test_what_is_given_besides_a_file_stands_above_it(tmp_path: Path) -> None:
    args = written(tmp_path, MACHINE % "arn", timeout_seconds=5, comment="mine")
    deployment = deploy(lambda: Workflow("flow", args) and None)
    found = deployment.document("StateMachine", "flow-machine", "definition")
    assert (found["TimeoutSeconds"], found["Comment"]) == (5, "mine")


@pytest.mark.parametrize(
    ("text", "given", "message"),
    [
        ("{", {}, "allowed is JSON (Expecting property name"),
        ("[]", {}, "allowed is one with StartAt, States"),
        ('{"StartAt": "b", "States": {"a": {}}}', {}, "allowed is one with StartAt, States"),
        (MACHINE % "${A}", {}, "definition_file names ${A}: allowed is one of []"),
        (MACHINE % "a", {"substitutions": {"B": "b"}}, "substitutions has 'B': allowed is one of"),
        (MACHINE % "a:b.sync:2", {"type": "EXPRESS"}, "has 'a:b.sync:2': allowed is no .sync"),
        (
            MACHINE % "a:b.waitForTaskToken",
            {"type": "EXPRESS"},
            "definition_file has 'a:b.waitForTaskToken': allowed is no .sync",
        ),
        (MACHINE % "a", {"states": [Pass("a")]}, "states has 1 entries and definition_file is"),
    ],
)
def test_a_file_that_is_no_definition_is_refused(
    tmp_path: Path, text: str, given: Any, message: str
) -> None:
    with pytest.raises(ArgumentsError) as caught:
        written(tmp_path, text, **given)
    assert message in str(caught.value)


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(ArgumentsError, match="definition_file is 'nowhere': allowed is JSON"):
        WorkflowArgs(definition_file="nowhere")


def test_substitutions_are_for_a_file() -> None:
    with pytest.raises(ArgumentsError, match="substitutions are given without definition_file"):
        WorkflowArgs(states=[Pass("a")], substitutions={"a": "b"})
