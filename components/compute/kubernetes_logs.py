"""What makes Fargate send the logs of a cluster's pods to CloudWatch."""

import pulumi

NAMESPACE = "aws-observability"


def logging_manifest(region: pulumi.Output[str], group: pulumi.Output[str]) -> pulumi.Output[str]:
    """Return a namespace and its configuration, which Fargate looks for by these names.

    https://docs.aws.amazon.com/eks/latest/userguide/fargate-logging.html
    """
    labels = {"aws-observability": "enabled"}
    output = pulumi.Output.format(
        "[OUTPUT]\n    Name cloudwatch_logs\n    Match *\n    region {0}\n"
        "    log_group_name {1}\n    log_stream_prefix pod-\n    auto_create_group false\n",
        *(region, group),
    )
    return pulumi.Output.json_dumps(
        {
            "apiVersion": "v1",
            "kind": "List",
            "items": [
                {
                    "apiVersion": "v1",
                    "kind": "Namespace",
                    "metadata": {"name": NAMESPACE, "labels": labels},
                },
                {
                    "apiVersion": "v1",
                    "kind": "ConfigMap",
                    "metadata": {"name": "aws-logging", "namespace": NAMESPACE},
                    "data": {"output.conf": output},
                },
            ],
        }
    )
