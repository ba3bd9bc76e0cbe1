"""Clusters, task definitions and services: their tasks run as processes of the emulator.

Subnets, security groups and sizes are kept and have no effect.
"""

import json
from typing import Any

from botocore.exceptions import ClientError

from local.emulator.task_processes import CODE, PYTHON
from local.provider import compare, shapes
from local.provider.clients import Clients
from local.provider.handler import Handler, handles
from local.provider.handlers import tags
from local.provider.wire import Properties

# A task may take two minutes to end.
PATIENCE = {"Delay": 1, "MaxAttempts": 150}
ENABLED = {True: "ENABLED", False: "DISABLED"}
RENAMES = {"name": "clusterName", "arn": "clusterArn"}
SIZE = {"sizeInGib": "sizeInGiB"}
MANAGED = {"enableEcsManagedTags": "enableECSManagedTags"}
# What the API tells of a service in the form that Pulumi has it in.
TOLD = (
    *("availabilityZoneRebalancing", "deploymentController", "desiredCount", "launchType"),
    *("enableEcsManagedTags", "enableExecuteCommand", "healthCheckGracePeriodSeconds"),
    *("loadBalancers", "platformVersion", "propagateTags", "schedulingStrategy"),
    "taskDefinition",
)


def retagged(aws: Clients, arn: str, old: Properties, new: Properties) -> None:
    """Change the tags of a resource."""
    if tags.removed(old, new):
        aws("ecs").untag_resource(resourceArn=arn, tagKeys=tags.removed(old, new))
    if new.get("tags"):
        given = tags.listed(new["tags"], "key", "value")
        aws("ecs").tag_resource(resourceArn=arn, tags=given)


@handles("aws:ecs/cluster:Cluster")
class Cluster(Handler):
    """A cluster; its id is its ARN."""

    replace = frozenset({"name"})

    def create(self, aws: Clients, properties: Properties) -> str:
        made = aws("ecs").create_cluster(
            **self._request(aws, "create_cluster", properties),
            tags=tags.listed(properties.get("tags"), "key", "value"),
        )
        return str(made["cluster"]["clusterArn"])

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties | None:
        client = aws("ecs")
        include = ["SETTINGS", "CONFIGURATIONS", "TAGS"]
        found = client.describe_clusters(clusters=[id_], include=include)["clusters"]
        if not found:
            return None
        shape = shapes.operation(client, "describe_clusters").output_shape
        known = shapes.from_response(shape.members["clusters"].member, found[0], RENAMES)
        return {**known, "tags": tags.unlisted(found[0]["tags"], "key", "value")}

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        request = self._request(aws, "update_cluster", {**new, "cluster": id_})
        aws("ecs").update_cluster(**request)
        retagged(aws, id_, old, new)

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        aws("ecs").delete_cluster(cluster=id_)

    @staticmethod
    def _request(aws: Clients, method: str, properties: Properties) -> dict[str, Any]:
        shape = shapes.operation(aws("ecs"), method).input_shape
        given = {key: value for key, value in properties.items() if key != "tags"}
        return shapes.to_request(shape, given, RENAMES)


@handles("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders")
class ClusterCapacityProviders(Handler):
    """What a cluster's tasks run on; its id is the cluster's name."""

    replace = frozenset({"clusterName"})

    def create(self, aws: Clients, properties: Properties) -> str:
        self.update(aws, "", {}, properties)
        return str(properties["clusterName"])

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties | None:
        found = aws("ecs").describe_clusters(clusters=[id_])["clusters"]
        if not found or not found[0]["capacityProviders"]:
            return None
        strategies = found[0]["defaultCapacityProviderStrategy"]
        return {
            "clusterName": id_,
            "capacityProviders": found[0]["capacityProviders"],
            "defaultCapacityProviderStrategies": strategies,
        }

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        aws("ecs").put_cluster_capacity_providers(
            cluster=new["clusterName"],
            capacityProviders=new.get("capacityProviders", []),
            defaultCapacityProviderStrategy=[
                _strategy(each) for each in new.get("defaultCapacityProviderStrategies", [])
            ],
        )

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        self.update(aws, id_, {}, {"clusterName": id_})


@handles("aws:ecs/taskDefinition:TaskDefinition")
class TaskDefinition(Handler):
    """A revision, of which nothing changes but its tags; its id is its family."""

    def replaces(self, key: str, olds: Properties, news: Properties) -> bool:
        return key not in ("skipDestroy", "tags", "trackLatest")

    def create(self, aws: Clients, properties: Properties) -> str:
        client = aws("ecs")
        shape = shapes.operation(client, "register_task_definition").input_shape
        own = ("containerDefinitions", "tags")
        given = {key: value for key, value in properties.items() if key not in own}
        labels = aws.runtime.labels()
        client.register_task_definition(
            **shapes.to_request(shape, given, {}),
            # The emulator's containers have no image: these labels tell what would be in it.
            containerDefinitions=[
                {**each, "dockerLabels": {**each.get("dockerLabels", {}), **labels}}
                for each in json.loads(properties["containerDefinitions"])
            ],
            tags=tags.listed(properties.get("tags"), "key", "value"),
        )
        return str(properties["family"])

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties | None:
        client = aws("ecs")
        try:
            answer = client.describe_task_definition(
                taskDefinition=state.get("arn", id_), include=["TAGS"]
            )
        except ClientError as error:
            # ECS has no name of its own for that there is none.
            if error.response["Error"]["Code"] == "ClientException":
                return None
            raise
        live = answer["taskDefinition"]
        if live["status"] != "ACTIVE":
            return None
        shape = shapes.operation(client, "describe_task_definition").output_shape
        known = shapes.from_response(shape.members["taskDefinition"], live, SIZE)
        arn = live["taskDefinitionArn"]
        return {
            **known,
            "arn": arn,
            "arnWithoutRevision": arn.rpartition(":")[0],
            "containerDefinitions": self._containers(live["containerDefinitions"], state),
            "tags": tags.unlisted(answer.get("tags", []), "key", "value"),
        }

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        retagged(aws, old["arn"], old, new)

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        # A creation that failed half way is known by its family alone.
        aws("ecs").deregister_task_definition(taskDefinition=state.get("arn", id_))

    @staticmethod
    def _containers(live: list[dict[str, Any]], state: Properties) -> str:
        """Return the containers as they were given, without the labels and the defaults."""
        for each in live:
            labels = each.pop("dockerLabels", {})
            kept = {key: text for key, text in labels.items() if key not in (PYTHON, CODE)}
            each.update({"dockerLabels": kept} if kept else {})
        given = json.loads(state.get("containerDefinitions", "[]"))
        same = compare.as_given(given, live) is given
        return str(state["containerDefinitions"]) if given and same else json.dumps(live)


@handles("aws:ecs/service:Service")
class Service(Handler):
    """A service; its id is its ARN."""

    replace = frozenset({"cluster", "launchType", "name", "schedulingStrategy"})

    def create(self, aws: Clients, properties: Properties) -> str:
        client = aws("ecs")
        made = client.create_service(
            **self._request(client, "create_service", properties),
            serviceName=properties["name"],
            tags=tags.listed(properties.get("tags"), "key", "value"),
        )
        return str(made["service"]["serviceArn"])

    def finish(self, aws: Clients, id_: str, properties: Properties) -> None:
        if properties.get("waitForSteadyState"):
            self._wait(aws, "services_stable", id_, properties)

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties | None:
        client = aws("ecs")
        cluster = state.get("cluster") or id_.split("/")[1]
        found = client.describe_services(cluster=cluster, services=[id_], include=["TAGS"])
        live = next(iter(found["services"]), None)
        if live is None or live["status"] != "ACTIVE":
            return None
        shape = shapes.operation(client, "describe_services").output_shape
        known = shapes.from_response(shape.members["services"].member, live, MANAGED)
        network = live.get("networkConfiguration", {}).get("awsvpcConfiguration", {})
        deployment = live.get("deploymentConfiguration", {})
        return {
            **{key: known[key] for key in TOLD if key in known},
            "name": live["serviceName"],
            "arn": id_,
            "cluster": state.get("cluster") or live["clusterArn"],
            "capacityProviderStrategies": live.get("capacityProviderStrategy"),
            "deploymentMaximumPercent": deployment.get("maximumPercent"),
            "deploymentMinimumHealthyPercent": deployment.get("minimumHealthyPercent"),
            "deploymentCircuitBreaker": deployment.get("deploymentCircuitBreaker"),
            "networkConfiguration": {
                **network,
                "assignPublicIp": network.get("assignPublicIp") == ENABLED[True],
            },
            "tags": tags.unlisted(live.get("tags", []), "key", "value"),
        }

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        client = aws("ecs")
        changed = set(compare.changed(old, new)) - {"tags"}
        # Only what changed: the number of tasks is the scaling's, once it has begun.
        wanted = {key: new[key] for key in changed if key in new}
        renewed = "triggers" in changed or ("forceNewDeployment" in changed)
        request = self._request(client, "update_service", {**wanted, "cluster": new["cluster"]})
        request["forceNewDeployment"] = bool(renewed and new.get("forceNewDeployment"))
        client.update_service(**request, service=id_)
        retagged(aws, id_, old, new)
        self.finish(aws, id_, new)

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        aws("ecs").delete_service(cluster=state["cluster"], service=id_, force=True)
        # What its tasks use is removed after it: they have to end first.
        self._wait(aws, "services_inactive", id_, state)

    @staticmethod
    def _wait(aws: Clients, what: str, id_: str, state: Properties) -> None:
        waiter = aws("ecs").get_waiter(what)
        waiter.wait(cluster=state["cluster"], services=[id_], WaiterConfig=PATIENCE)

    @staticmethod
    def _request(client: Any, method: str, properties: Properties) -> dict[str, Any]:
        own = ("deploymentConfiguration", "networkConfiguration", "tags", "triggers")
        given = {key: value for key, value in properties.items() if key not in own}
        shape = shapes.operation(client, method).input_shape
        request = shapes.to_request(shape, given, {})
        deployment = {
            "maximumPercent": properties.get("deploymentMaximumPercent"),
            "minimumHealthyPercent": properties.get("deploymentMinimumHealthyPercent"),
            "deploymentCircuitBreaker": properties.get("deploymentCircuitBreaker"),
        }
        deployment = {key: value for key, value in deployment.items() if value is not None}
        if deployment:
            request["deploymentConfiguration"] = deployment
        if "capacityProviderStrategies" in properties:
            strategies = properties["capacityProviderStrategies"]
            request["capacityProviderStrategy"] = [_strategy(each) for each in strategies]
        if "networkConfiguration" in properties:
            network = dict(properties["networkConfiguration"])
            network["assignPublicIp"] = ENABLED[bool(network.get("assignPublicIp"))]
            request["networkConfiguration"] = {"awsvpcConfiguration": network}
        return request


def _strategy(given: Properties) -> dict[str, Any]:
    numbers = (key for key in ("base", "weight") if key in given)
    return {
        "capacityProvider": given["capacityProvider"],
        **{key: int(given[key]) for key in numbers},
    }
