"""The policy documents of a deployment."""

import json
from collections.abc import Iterator
from typing import Any

from tests.recording import Deployment, Recorded

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


def documents(deployment: Deployment) -> Iterator[tuple[Recorded, dict[str, Any]]]:
    for each in deployment.resources:
        if each.type in POLICIES:
            yield each, json.loads(each.inputs[POLICIES[each.type]])
