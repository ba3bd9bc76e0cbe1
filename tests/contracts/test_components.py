"""What every component keeps to."""

import dataclasses
import importlib
import inspect
import json
import re
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest
from syrupy.assertion import SnapshotAssertion

from components.workflow.state import State
from tests.contracts.documents import documents
from tests.contracts.examples import EXAMPLES, MODULES
from tests.recording import Deployment, deploy

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
