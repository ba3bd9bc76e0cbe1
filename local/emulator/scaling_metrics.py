"""The metrics by which services are scaled, looked up where they come from: nobody publishes them.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html
"""

from collections.abc import Callable, Mapping
from typing import Any

QUEUE = {
    "ApproximateNumberOfMessagesDelayed": "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible": "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesVisible": "ApproximateNumberOfMessages",
}
SERVICE = {
    "DesiredTaskCount": "desiredCount",
    "PendingTaskCount": "pendingCount",
    "RunningTaskCount": "runningCount",
}


def looked_up(ecs: Any, sqs: Any) -> Callable[[Mapping[str, Any]], float | None]:
    """Return what looks up a metric of a queue or a service, in the scope of the call.

    It raises `ValueError` for any other metric.
    """

    def metric(wanted: Mapping[str, Any]) -> float | None:
        found = wanted["Metric"]
        namespace, name = found["Namespace"], found["MetricName"]
        of = {each["Name"]: each["Value"] for each in found.get("Dimensions") or ()}
        if namespace == "AWS/SQS" and name in QUEUE:
            url = sqs._queue_name_to_url.get(of["QueueName"])
            queue = sqs._queues.get(url or sqs._queue_url(of["QueueName"]))
            if queue is None:
                return None
            sqs._refresh_counts(queue)
            return float(queue["attributes"][QUEUE[name]])
        if namespace == "ECS/ContainerInsights" and name in SERVICE:
            service = ecs._services.get(f"{of['ClusterName']}/{of['ServiceName']}")
            return None if service is None else float(service[SERVICE[name]])
        raise ValueError(f"metric {name} of {namespace} is not looked up here")

    return metric
