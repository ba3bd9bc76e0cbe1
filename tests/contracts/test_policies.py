"""What the policies of every component keep to."""

import json
from typing import Any

import botocore.session
import parliament

from components.compute.function_grants import NETWORK_ACTIONS
from components.workflow.workflow import CALL_BACK
from tests.contracts.documents import documents
from tests.recording import Deployment, Recorded

NEWER_CONDITIONS = {
    "Unknown condition ec2:ManagedResourceOperator for action ec2:CreateTags",
    "Unknown condition lambda:InvokedViaFunctionUrl for action lambda:InvokeFunction",
}


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
