"""CodeDeploy and one alias, behind genuine clients: botocore checks requests and answers."""

import json
from collections.abc import Iterable
from typing import Any

import botocore.session
from botocore.exceptions import ClientError
from botocore.validate import validate_parameters

from components.compute.traffic import RUNNING, Plan

PLAN = Plan(
    application="app",
    group="live",
    alias_arn="arn:aws:lambda:eu-central-1:123456789012:function:work:live",
    hooks={"BeforeAllowTraffic": "arn:aws:lambda:eu-central-1:123456789012:function:smoke"},
)


class World:
    """A session whose clients answer from here; each sleep brings deployments a status further."""

    def __init__(self, version: str = "1") -> None:
        self.version = version
        self.deployments: dict[str, dict[str, Any]] = {}
        self.coming: dict[str, list[str]] = {}
        self.next: list[str] = ["InProgress", "Succeeded"]
        self.rolls_back = False
        self.created = 0
        self.regions: set[str] = set()
        self._asked: dict[str, Any] = {}

    def create_client(self, service: str, *, region_name: str) -> Any:
        self.regions.add(region_name)
        made = botocore.session.Session().create_client(
            service,
            region_name=region_name,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )
        events: Any = made.meta.events
        events.register("before-parameter-build", self._remember)
        events.register("before-call", self._answer)
        return made

    def begin(self, target: str, coming: Iterable[str], current: str | None = None) -> str:
        """Start a deployment as somebody else, or an earlier run, did."""
        return self._begin(PLAN.revision(current or self.version, target), coming)

    def sleep(self, _seconds: float) -> None:
        for id_, info in [*self.deployments.items()]:
            if info["status"] in RUNNING:
                info["status"] = self.coming[id_].pop(0)
                self._end(id_, info)

    def _end(self, id_: str, info: dict[str, Any]) -> None:
        content = json.loads(info["revision"]["appSpecContent"]["content"])
        properties = content["Resources"][0]["live"]["Properties"]
        if info["status"] == "Succeeded":
            self.version = properties["TargetVersion"]
        elif info["status"] in {"Failed", "Stopped"}:
            info["errorInformation"] = {"code": "ALARM_ACTIVE", "message": "errors is in ALARM"}
            if self.rolls_back:
                back = PLAN.revision("2", properties["CurrentVersion"])
                rollback = self._begin(back, ["InProgress", "Succeeded"])
                info["rollbackInfo"] = {"rollbackDeploymentId": rollback}

    def _begin(self, revision: dict[str, Any], coming: Iterable[str]) -> str:
        id_ = f"d-{len(self.deployments) + 1}"
        self.deployments[id_] = {
            "deploymentId": id_,
            "status": "Created",
            # As CodeDeploy tells it, whatever it was called when it was given.
            "revision": revision,
        }
        self.coming[id_] = [*coming]
        return id_

    def _remember(self, params: dict[str, Any], **_: Any) -> None:
        self._asked = params

    def _answer(self, model: Any, **_: Any) -> tuple[Any, dict[str, Any]]:
        answer: dict[str, Any] = getattr(self, f"_{model.name}")(**self._asked)
        validate_parameters(answer, model.output_shape)
        return type("Response", (), {"status_code": 200}), answer

    def _GetAlias(self, FunctionName: str, Name: str) -> dict[str, Any]:  # noqa: N802, N803
        assert (FunctionName, Name) == ("work", "live")
        return {"FunctionVersion": self.version}

    def _ListDeployments(self, **asked: Any) -> dict[str, Any]:  # noqa: N802
        assert (asked["applicationName"], asked["deploymentGroupName"]) == ("app", "live")
        wanted = asked["includeOnlyStatuses"]
        return {"deployments": [k for k, v in self.deployments.items() if v["status"] in wanted]}

    def _GetDeployment(self, deploymentId: str) -> dict[str, Any]:  # noqa: N802, N803
        return {"deploymentInfo": self.deployments[deploymentId]}

    def _CreateDeployment(self, revision: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: N802
        if any(each["status"] in RUNNING for each in self.deployments.values()):
            error: Any = {"Error": {"Code": "DeploymentLimitExceededException"}}
            raise ClientError(error, "CreateDeployment")
        self.created += 1
        return {"deploymentId": self._begin(revision, self.next)}
