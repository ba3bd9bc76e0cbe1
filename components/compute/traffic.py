"""Moves an alias to another version of its function, by a deployment of CodeDeploy.

It runs within an `up`, in the process of the program: with the credentials and the profile of its
environment, in the Region of the function.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

# https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentInfo.html
RUNNING = ("Created", "Queued", "InProgress", "Baking", "Ready")
POLL_SECONDS = 10
# Of emulators; AWS has no such account. None of them has CodeDeploy.
EMULATED_ACCOUNT = "000000000000"


class ReleaseError(RuntimeError):
    """A release that did not come to its end: the alias serves the version that it served."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The deployment group that moves an alias, and the functions that it asks."""

    application: str
    group: str
    alias_arn: str
    hooks: Mapping[str, str]

    @property
    def region(self) -> str:
        """Where the function is."""
        return self.alias_arn.split(":")[3]

    @property
    def account(self) -> str:
        """Whose it is."""
        return self.alias_arn.split(":")[4]

    @property
    def function(self) -> str:
        """The name of the function."""
        return self.alias_arn.split(":")[6]

    @property
    def alias(self) -> str:
        """The name of the alias."""
        return self.alias_arn.split(":")[7]

    def revision(self, current: str, target: str) -> dict[str, Any]:
        """Return the AppSpec of a move between two versions."""
        # https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file.html
        properties = {
            "Name": self.function,
            "Alias": self.alias,
            "CurrentVersion": current,
            "TargetVersion": target,
        }
        content = {
            "version": 0.0,
            "Resources": [
                {self.alias: {"Type": "AWS::Lambda::Function", "Properties": properties}}
            ],
            "Hooks": [{event: arn} for event, arn in self.hooks.items()],
        }
        return {
            "revisionType": "AppSpecContent",
            "appSpecContent": {"content": json.dumps(content)},
        }


def release(
    plan: Plan, target: str, *, sleep: Callable[[float], None] = time.sleep, session: Any = None
) -> None:
    """Move the alias to `target`, and return when all traffic goes there.

    A run that was interrupted is taken up: nothing is done where the alias is there already, and a
    deployment that is on its way there is waited for.

    Raises:
        ReleaseError: when the deployment failed, was stopped or rolled back, or when another one
            is under way.
    """
    if plan.account == EMULATED_ACCOUNT:
        pulumi.log.info(f"{plan.function}: its release is recorded, not emulated")
        return
    session = session or _session()
    client = session.create_client("codedeploy", region_name=plan.region)
    functions = session.create_client("lambda", region_name=plan.region)
    deployment = _under_way(client, plan, target)
    if deployment is None:
        found = functions.get_alias(FunctionName=plan.function, Name=plan.alias)
        current = found["FunctionVersion"]
        # Weights that somebody gave other versions, the update of the alias takes away.
        if current == target:
            return
        deployment = client.create_deployment(
            applicationName=plan.application,
            deploymentGroupName=plan.group,
            revision=plan.revision(current, target),
            description=f"{plan.function}: version {current} to {target}",
        )["deploymentId"]
    pulumi.log.info(f"{plan.function}: deployment {deployment} moves {plan.alias} to {target}")
    info = _ended(client, deployment, sleep)
    if info["status"] == "Succeeded":
        return
    # A rollback begins a moment after that.
    sleep(POLL_SECONDS)
    rollback = _info(client, deployment).get("rollbackInfo", {}).get("rollbackDeploymentId")
    if rollback:
        _ended(client, rollback, sleep)
    raise ReleaseError(_what_happened(plan, target, deployment, info, rollback))


def _session() -> Any:
    # Only a release needs it, and it takes as long as the program itself.
    from botocore.session import get_session  # noqa: PLC0415

    return get_session()


def _under_way(client: Any, plan: Plan, target: str) -> str | None:
    """Return the group's deployment to the target, if it has not ended; there is one at most."""
    pages = client.get_paginator("list_deployments").paginate(
        applicationName=plan.application,
        deploymentGroupName=plan.group,
        includeOnlyStatuses=list(RUNNING),
    )
    for deployment in (each for page in pages for each in page["deployments"]):
        aim = next(_targets(_info(client, deployment)), "another one")
        if aim != target:
            raise ReleaseError(
                f"deployment {deployment} of {plan.function} moves {plan.alias} to version {aim}: "
                f"allowed is {target} when it has ended, or was stopped"
            )
        return str(deployment)
    return None


def _targets(info: Mapping[str, Any]) -> Iterator[str]:
    revision = info.get("revision", {})
    # CodeDeploy tells an AppSpec under its older name too.
    for kind in ("appSpecContent", "string"):
        for resource in json.loads(revision.get(kind, {}).get("content", "{}")).get(
            "Resources", []
        ):
            for described in resource.values():
                yield described["Properties"]["TargetVersion"]


def _info(client: Any, deployment: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get_deployment(deploymentId=deployment)["deploymentInfo"]
    return found


def _ended(client: Any, deployment: str, sleep: Callable[[float], None]) -> dict[str, Any]:
    """Wait for a deployment; CodeDeploy itself ends each after 50 hours."""
    while True:
        info = _info(client, deployment)
        if info["status"] not in RUNNING:
            return info
        sleep(POLL_SECONDS)


def _what_happened(
    plan: Plan, target: str, deployment: str, info: Mapping[str, Any], rollback: str | None
) -> str:
    error = info.get("errorInformation", {})
    why = ": ".join(each for each in (error.get("code"), error.get("message")) if each)
    back = f"; {rollback} rolled it back" if rollback else ""
    return (
        f"deployment {deployment} of {plan.function} to version {target} has {info['status']}"
        f"{f' ({why})' if why else ''}{back}: {plan.alias} serves the version before"
    )
