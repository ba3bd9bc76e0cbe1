"""The lives of topics and streams."""

import json
from typing import Any

from tests.local.world import POLICY, World

TAGGED = {"tags": {"team": "a"}}
FILTER = {"filterPolicy": '{"kind": ["a"]}', "filterPolicyScope": "MessageBody"}


def redrive(world: World) -> str:
    return json.dumps({"deadLetterTargetArn": world.queue["arn"]})


def topic(world: World) -> Any:
    return world.state("aws:sns/topic:Topic", {"name": "world"})


def stream(world: World) -> Any:
    return world.state("aws:kinesis/stream:Stream", {"name": "world", "shardCount": 1})


CASES: dict[str, Any] = {
    "aws:sns/topic:Topic": lambda w: (
        {
            "kmsMasterKeyId": "alias/aws/sns",
            "maximumMessageSize": 1_048_576,
            "sqsFailureFeedbackRoleArn": w.role["arn"],
            "sqsSuccessFeedbackSampleRate": 10,
            **TAGGED,
        },
        {"sqsSuccessFeedbackSampleRate": 20, "tags": {"other": "b"}},
        {"fifoTopic": True},
    ),
    "aws:sns/topicPolicy:TopicPolicy": lambda w: (
        {"arn": topic(w)["arn"], "policy": POLICY},
        {"policy": POLICY.replace("SendMessage", "ReceiveMessage")},
        {"arn": "another"},
    ),
    "aws:sns/topicSubscription:TopicSubscription": lambda w: (
        {
            "topic": topic(w)["arn"],
            "protocol": "sqs",
            "endpoint": w.queue["arn"],
            "rawMessageDelivery": True,
            "redrivePolicy": redrive(w),
            **FILTER,
        },
        {"rawMessageDelivery": False, "filterPolicy": '{"kind": ["b"]}'},
        {"endpoint": "another"},
    ),
    "aws:kinesis/stream:Stream": lambda w: (
        {
            "streamModeDetails": {"streamMode": "PROVISIONED"},
            "shardCount": 2,
            "retentionPeriod": 48,
            "encryptionType": "KMS",
            "kmsKeyId": "alias/aws/kinesis",
            "maxRecordSizeInKib": 2_048,
            **TAGGED,
        },
        {"retentionPeriod": 30, "kmsKeyId": w.key["arn"], "tags": {"other": "b"}},
        {"name": "another"},
    ),
    "aws:kinesis/streamConsumer:StreamConsumer": lambda w: (
        {"streamArn": stream(w)["arn"]},
        None,
        {"streamArn": "another"},
    ),
}
