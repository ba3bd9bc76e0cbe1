"""What every component keeps to."""

import dataclasses
import functools
import importlib
import inspect
import json
import re
from collections.abc import Iterator
from typing import Any

import botocore.session
import parliament
import pulumi
import pytest
from syrupy.assertion import SnapshotAssertion

from components.compute.function_grants import NETWORK_ACTIONS
from components.workflow.state import State
from components.workflow.workflow import CALL_BACK
from tests.contracts.examples import EXAMPLES, MODULES
from tests.recording import Deployment, Recorded, deploy

POLICIES = {
    "aws:iam/rolePolicy:RolePolicy": "policy",
    "aws:iam/role:Role": "assumeRolePolicy",
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:kms/key:Key": "policy",
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": "policy",
    "aws:dynamodb/resourcePolicy:ResourcePolicy": "policy",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "policy",
}

NEWER_CONDITIONS = {
    "Unknown condition ec2:ManagedResourceOperator for action ec2:CreateTags",
    "Unknown condition lambda:InvokedViaFunctionUrl for action lambda:InvokeFunction",
}
PUBLIC_ACCESS = (
    *("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"),
)

# What examples make by themselves, to give it to a component.
GIVEN = {
    "pulumi:providers:aws",
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "aws:efs/accessPoint:AccessPoint",
    "aws:efs/fileSystem:FileSystem",
}


def classes() -> Iterator[type]:
    for path in MODULES:
        module = importlib.import_module(".".join(path.with_suffix("").parts))
        for _, cls in inspect.getmembers(module, inspect.isclass):
            if cls.__module__ == module.__name__:
                yield cls


COMPONENTS = [cls for cls in classes() if issubclass(cls, pulumi.ComponentResource)]
DATACLASSES = [cls for cls in classes() if dataclasses.is_dataclass(cls)]


@pytest.fixture(params=EXAMPLES, ids=lambda cls: cls.__name__)
def component(request: pytest.FixtureRequest) -> Any:
    return request.param


@functools.cache
def deployed(component: type) -> Deployment:
    return deploy(EXAMPLES[component])


@pytest.fixture
def deployment(component: type) -> Deployment:
    return deployed(component)


def test_every_component_has_an_example() -> None:
    assert set(COMPONENTS) == set(EXAMPLES)


@pytest.mark.parametrize("cls", DATACLASSES, ids=lambda cls: cls.__name__)
def test_args_are_frozen_and_keyword_only(cls: Any) -> None:
    assert cls.__dataclass_params__.frozen
    positional = [each.name for each in dataclasses.fields(cls) if not each.kw_only]
    assert positional == (["name"] if issubclass(cls, State) else [])


def test_a_component_takes_a_name_args_and_options(component: type) -> None:
    parameters = list(inspect.signature(component).parameters.values())
    assert [each.name for each in parameters] == ["name", "args", "opts"]
    assert parameters[2].default is None


def test_tokens_and_names_are_as_promised(
    component: type, deployment: Deployment, snapshot: SnapshotAssertion
) -> None:
    """A change here replaces resources for every user, unless an alias carries them over."""
    assert deployment.names() == snapshot(name=component.__name__)


def test_the_token_names_folder_and_class(component: type, deployment: Deployment) -> None:
    folder = component.__module__.split(".")[1]
    assert deployment.all(f"toolkit:{folder}:{component.__name__}")


def test_children_are_named_after_their_parent(deployment: Deployment) -> None:
    for each in deployment.resources:
        if each.custom and each.type not in GIVEN:
            assert each.parent, f"{each.name} has no parent"
            assert each.name.startswith(f"{each.parent}-")


def test_outputs_are_registered(component: type, deployment: Deployment) -> None:
    made = [each for each in deployment.resources if not each.custom]
    assert {f"{each.type} {each.name}" for each in made} <= set(deployment.outputs)
    token = f"toolkit:{component.__module__.split('.')[1]}:{component.__name__}"
    assert all(out for key, out in deployment.outputs.items() if key.startswith(token))


def test_unknown_inputs_give_the_same_resources(component: type, deployment: Deployment) -> None:
    assert deploy(EXAMPLES[component], unknown=True).names() == deployment.names()


def documents(deployment: Deployment) -> Iterator[tuple[Recorded, dict[str, Any]]]:
    for each in deployment.resources:
        if each.type in POLICIES:
            yield each, json.loads(each.inputs[POLICIES[each.type]])


def test_no_policy_allows_a_wildcard_action(deployment: Deployment) -> None:
    for resource, document in documents(deployment):
        for statement in document["Statement"]:
            if statement["Effect"] == "Deny":
                continue
            actions = statement["Action"]
            for action in [actions] if isinstance(actions, str) else actions:
                assert "*" not in action, f"{resource.name}: {action}"


def starred(finding: Any) -> bool:
    """Whether it is about the network interfaces that Lambda makes: AWS asks for `*` there."""
    return finding.issue == "RESOURCE_STAR" and set(finding.detail) <= set(NETWORK_ACTIONS)


def of_executions(finding: Any) -> bool:
    """Whether it is about Step Functions, where IAM compares otherwise than its reference tells.

    Task tokens are of a machine, where it tells `*`; executions are of one kind, where it tells
    those of Express workflows as well.
    """
    actions = {each["action"] for each in finding.detail if isinstance(each, dict)}
    known = {*CALL_BACK, "states:DescribeExecution"}
    return finding.issue == "RESOURCE_MISMATCH" and actions <= known


def of_launches(finding: Any) -> bool:
    """Whether it is about instances that Lambda launches, for which AWS's own policy is alike.

    A launch needs all of several statements, each for other resources under other conditions.
    """
    actions = {each["action"] for each in finding.detail if isinstance(each, dict)}
    launch = {"ec2:RunInstances", "ec2:CreateNetworkInterface"}
    return finding.issue == "RESOURCE_MISMATCH" and actions <= launch


def of_releases(finding: Any) -> bool:
    """Whether it is about what a hook says of a release.

    The reference names no resource for it, and AWS's own templates the deployment group:
    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/automating-updates-to-serverless-apps.html
    """
    actions = {each["action"] for each in finding.detail if isinstance(each, dict)}
    said = "codedeploy:PutLifecycleEventHookExecutionStatus"
    return finding.issue == "RESOURCE_MISMATCH" and actions == {said}


def newer(finding: Any) -> bool:
    """Whether it is about what parliament's data does not have yet: conditions, or actions.

    Of actions, botocore tells whether there are such.
    """
    if finding.issue == "UNKNOWN_CONDITION_FOR_ACTION":
        return finding.detail in NEWER_CONDITIONS
    if finding.issue != "UNKNOWN_ACTION":
        return False
    service, _, operation = finding.location["string"].partition(":")
    model = botocore.session.get_session().get_service_model(service)
    return operation in model.operation_names


def test_parliament_finds_nothing_in_any_role_policy(deployment: Deployment) -> None:
    for resource, document in documents(deployment):
        if resource.type == "aws:iam/rolePolicy:RolePolicy":
            found = parliament.analyze_policy_string(json.dumps(document)).findings
            known = (starred, of_executions, of_launches, of_releases, newer)
            found = [each for each in found if not any(test(each) for test in known)]
            assert not found, f"{resource.name}: {found}"


def through_endpoint(resource: Recorded, statement: dict[str, Any]) -> bool:
    """Whether it is of an endpoint, where it holds callers to the account, by them or by a role.

    Addresses of image layers are signed by ECR.
    """
    if resource.type != "aws:ec2/vpcEndpoint:VpcEndpoint":
        return False
    if "Condition" in statement:
        return list(statement["Condition"]["StringEquals"]) == ["aws:PrincipalAccount"]
    unsigned = (statement["Action"], statement["Resource"])
    roles, layers = "arn:aws:iam::123456789012:role/*", "-starport-layer-bucket/*"
    return unsigned == (["sts:AssumeRoleWithWebIdentity"], [roles]) or (
        unsigned[0] == ["s3:GetObject"] and unsigned[1][0].endswith(layers)
    )


def test_only_named_services_and_this_account_are_let_in(deployment: Deployment) -> None:
    for resource, document in documents(deployment):
        for statement in document["Statement"]:
            if statement["Effect"] == "Allow" and "Principal" in statement:
                principal = statement["Principal"]
                assert principal != "*" or through_endpoint(resource, statement)
                if "Service" in principal and resource.type != "aws:iam/role:Role":
                    assert statement["Condition"], f"{resource.name} lets {principal} in"


def test_every_queue_is_encrypted_and_takes_tls_only(deployment: Deployment) -> None:
    queues = deployment.all("sqs/queue:Queue")
    for each in queues:
        assert each.inputs.get("sqsManagedSseEnabled") or each.inputs.get("kmsMasterKeyId")
    policies = [doc for res, doc in documents(deployment) if res.type.endswith("QueuePolicy")]
    assert len(policies) == len(queues)
    for document in policies:
        deny = document["Statement"][0]
        assert deny["Effect"] == "Deny"
        assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_every_bucket_is_private_encrypted_without_acls_and_takes_tls_only(
    deployment: Deployment,
) -> None:
    for bucket in deployment.all("s3/bucket:Bucket"):
        name = bucket.name.removesuffix("-bucket")
        block = deployment.inputs("BucketPublicAccessBlock", f"{name}-public-access-block")
        assert all(block[key] for key in PUBLIC_ACCESS)
        ownership = deployment.inputs("BucketOwnershipControls", f"{name}-ownership")
        assert ownership["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
        (rule,) = deployment.inputs("SideEncryptionConfiguration", f"{name}-encryption")["rules"]
        algorithm = rule["applyServerSideEncryptionByDefault"]["sseAlgorithm"]
        assert algorithm == "AES256" or rule["bucketKeyEnabled"]
        tls, least = deployment.document("BucketPolicy", f"{name}-policy")["Statement"][:2]
        assert tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert least["Condition"] == {"NumericLessThan": {"s3:TlsVersion": "1.2"}}
        for deny in (tls, least):
            assert (deny["Effect"], deny["Principal"], deny["Action"]) == ("Deny", "*", ["s3:*"])
            arn = deny["Resource"][0]
            assert deny["Resource"] == [arn, f"{arn}/*"]


def test_every_topic_takes_tls_only(deployment: Deployment) -> None:
    policies = [doc for res, doc in documents(deployment) if res.type.endswith("TopicPolicy")]
    assert len(policies) == len(deployment.all("sns/topic:Topic"))
    for document in policies:
        deny = document["Statement"][0]
        assert deny["Effect"] == "Deny"
        assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_every_subscription_keeps_what_cannot_be_delivered(deployment: Deployment) -> None:
    for each in deployment.all("sns/topicSubscription:TopicSubscription"):
        assert json.loads(each.inputs["redrivePolicy"])["deadLetterTargetArn"]


def test_every_stream_is_encrypted(deployment: Deployment) -> None:
    for each in deployment.all("kinesis/stream:Stream"):
        assert each.inputs["encryptionType"] == "KMS"
        assert each.inputs["kmsKeyId"]


def test_every_log_group_has_a_retention(deployment: Deployment) -> None:
    for each in deployment.all("cloudwatch/logGroup:LogGroup"):
        assert each.inputs["retentionInDays"] == 14


def by_alias(arn: str) -> bool:
    return ":lambda:" not in arn or arn.endswith(":live")


def test_nothing_calls_a_function_but_by_its_alias(deployment: Deployment) -> None:
    for each in deployment.all("lambda/permission:Permission"):
        assert each.inputs["qualifier"] == "live"
        # An account that calls a URL is a principal itself.
        assert each.inputs.get("sourceArn") or each.inputs["principal"].isdigit()
    for each in deployment.all("s3/bucketNotification:BucketNotification"):
        for told in each.inputs.get("lambdaFunctions") or []:
            assert told["lambdaFunctionArn"].endswith(":live")
    for each in deployment.all("lambda/eventSourceMapping:EventSourceMapping"):
        assert each.inputs["functionName"].endswith(":live")
        assert each.inputs["functionResponseTypes"] == ["ReportBatchItemFailures"]
    for each in deployment.all("scheduler/schedule:Schedule"):
        assert by_alias(each.inputs["target"]["arn"])
    for each in deployment.all("pipes/pipe:Pipe"):
        assert by_alias(each.inputs["target"])
        assert by_alias(each.inputs.get("enrichment", ""))
    for each in deployment.all("apigatewayv2/integration:Integration"):
        assert (
            each.inputs["integrationType"] != "AWS_PROXY"
            or ":live/" in (each.inputs["integrationUri"])
        )


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_no_component_asks_aws_and_waits(path: Any) -> None:
    assert not re.search(r"aws\.(\w+\.)?get_\w+(?<!_output)\(", path.read_text())
