"""A life for each type of S3 with a handler."""

import json
from typing import Any

from tests.local.world import World

TAGGED = {"tags": {"team": "a"}}
OTHER = {"bucket": "another-bucket"}


def bucket(world: World) -> str:
    name: str = world.state("aws:s3/bucket:Bucket", {"bucket": "world-bucket"})["bucket"]
    return name


def logs(world: World) -> str:
    name: str = world.state("aws:s3/bucket:Bucket", {"bucket": "world-logs"})["bucket"]
    return name


def policy(world: World, action: str) -> str:
    statements = [
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["s3:*"],
            "Resource": f"arn:aws:s3:::{bucket(world)}",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": action,
            "Resource": f"arn:aws:s3:::{bucket(world)}/*",
        },
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def rule(prefix: str, **more: Any) -> dict[str, Any]:
    return {"id": prefix or "all", "status": "Enabled", "filter": {"prefix": prefix}, **more}


CASES: dict[str, Any] = {
    "aws:s3/bucket:Bucket": lambda w: (
        {"forceDestroy": True, **TAGGED},
        {"tags": {"other": "b"}},
        OTHER,
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": lambda w: (
        {"bucket": bucket(w), "blockPublicAcls": True, "blockPublicPolicy": True},
        {"blockPublicAcls": False},
        OTHER,
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": lambda w: (
        {"bucket": bucket(w), "rule": {"objectOwnership": "BucketOwnerEnforced"}},
        {"rule": {"objectOwnership": "BucketOwnerPreferred"}},
        OTHER,
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        lambda w: (
            {
                "bucket": bucket(w),
                "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}],
            },
            {
                "rules": [
                    {
                        "applyServerSideEncryptionByDefault": {
                            "sseAlgorithm": "aws:kms",
                            "kmsMasterKeyId": w.key["arn"],
                        },
                        "bucketKeyEnabled": True,
                    }
                ]
            },
            OTHER,
        )
    ),
    "aws:s3/bucketVersioning:BucketVersioning": lambda w: (
        {"bucket": bucket(w), "versioningConfiguration": {"status": "Suspended"}},
        {"versioningConfiguration": {"status": "Enabled"}},
        OTHER,
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": lambda w: (
        {
            "bucket": bucket(w),
            "rules": [
                rule("", abortIncompleteMultipartUpload={"daysAfterInitiation": 7}),
                rule("tmp/", expiration={"days": 1}),
            ],
        },
        {
            "rules": [
                rule(
                    "old/",
                    noncurrentVersionExpiration={"noncurrentDays": 3},
                    transitions=[{"days": 30, "storageClass": "STANDARD_IA"}],
                )
            ]
        },
        OTHER,
    ),
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": lambda w: (
        {
            "bucket": bucket(w),
            "corsRules": [{"allowedMethods": ["GET"], "allowedOrigins": ["https://a.example"]}],
        },
        {
            "corsRules": [
                {
                    "allowedMethods": ["PUT"],
                    "allowedOrigins": ["https://b.example"],
                    "maxAgeSeconds": 60,
                }
            ]
        },
        OTHER,
    ),
    "aws:s3/bucketLogging:BucketLogging": lambda w: (
        {"bucket": bucket(w), "targetBucket": logs(w), "targetPrefix": "access/"},
        {"targetPrefix": "other/"},
        OTHER,
    ),
    "aws:s3/bucketPolicy:BucketPolicy": lambda w: (
        {"bucket": bucket(w), "policy": policy(w, "s3:PutObject")},
        {"policy": policy(w, "s3:GetObject")},
        OTHER,
    ),
    "aws:s3/bucketNotification:BucketNotification": lambda w: (
        {
            "bucket": bucket(w),
            "lambdaFunctions": [
                {
                    "id": "work",
                    "events": ["s3:ObjectCreated:*"],
                    "filterPrefix": "in/",
                    "filterSuffix": "",
                    "lambdaFunctionArn": w.function["arn"],
                }
            ],
        },
        {"lambdaFunctions": [], "eventbridge": True},
        OTHER,
    ),
}
