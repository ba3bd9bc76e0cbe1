"""Starts the emulator with what it lacks; runs in the emulator's environment, not in ours.

It looks up retries, age and failure destinations of asynchronous events on the version that runs,
where there are none: they are set on the alias, which is what triggers name. And it would start
a function anew that has not begun within ten seconds, which here is a busy machine.
"""

import os
import runpy
import sys
from pathlib import Path
from typing import Any

START_SECONDS = 60.0


def of_alias(lambdas: Any, config: dict[str, Any]) -> dict[str, Any] | None:
    """Return the settings of the alias that points at the version of this configuration."""
    account, region = lambdas._account_region_from_function_config(config)  # noqa: SLF001
    base = lambdas._functions.get_scoped(account, region, config["FunctionName"]) or {}  # noqa: SLF001
    settings = base.get("event_invoke_configs") or {}
    for alias, points in base.get("aliases", {}).items():
        if points.get("FunctionVersion") == config.get("Version") and alias in settings:
            found: dict[str, Any] = settings[alias]
            return found
    return None


def respect_aliases(lambdas: Any) -> None:
    """Let asynchronous invocations of an alias follow its settings."""
    original = lambdas.invoke_async_with_retry

    def invoke(function: dict[str, Any], event: dict[str, Any]) -> None:
        settings = of_alias(lambdas, function.get("config") or function)
        original({**function, "event_invoke_config": settings} if settings else function, event)

    lambdas.invoke_async_with_retry = invoke


if __name__ == "__main__":
    from ministack import app  # type: ignore[import-not-found]
    from ministack.core import (  # type: ignore[import-not-found]
        iam_actions,
        iam_evaluator,
        lambda_runtime,
        responses,
    )
    from ministack.services import (  # type: ignore[import-not-found]
        cloudwatch,
        dynamodb,
        ecs,
        ecs_metadata,
        eventbridge,
        iam,
        lambda_svc,
        s3,
        sns,
        sqs,
        stepfunctions,
        sts,
    )

    # The first place is this script's own folder: for these imports alone it is the project's.
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    from local.emulator import (
        bridges,
        distributed_maps,
        machine_rights,
        machine_tasks,
        machines,
        partiql,
        scaling_metrics,
        tasks,
        workflow_faults,
    )
    from local.emulator.alarms import Alarms
    from local.emulator.durable import Durable
    from local.emulator.durable_api import decide_by_iam
    from local.emulator.scaling import Scaling

    del sys.path[0]
    lambda_runtime._PROVIDED_INIT_TIMEOUT = START_SECONDS  # noqa: SLF001
    respect_aliases(lambda_svc)
    machines.wait_for_tokens(stepfunctions, lambda_svc)
    machines.speak_jsonata(stepfunctions)
    machines.run_side_by_side(stepfunctions)
    machines.start_aliases(stepfunctions)
    distributed_maps.run_apart(stepfunctions, s3, iam_evaluator)
    machine_rights.keep_to_rights(stepfunctions, iam_evaluator)
    machine_rights.name_machines_of_tokens(iam_actions)
    decide_by_iam(iam_actions)
    partiql.decide_by_statements(iam_actions)
    partiql.tell_of_inserts(dynamodb)
    tasks.run_tasks(ecs=ecs, metadata=ecs_metadata, iam=iam, sts=sts, evaluator=iam_evaluator)
    tasks.decide_by_iam(ecs, iam_actions)
    machine_tasks.Tasks(stepfunctions, ecs, iam_evaluator)
    alarms = Alarms(cloudwatch, responses.request_scope, scaling_metrics.looked_up(ecs, sqs))
    scaling = Scaling(ecs, responses, alarms)
    app.SERVICE_HANDLERS["application-autoscaling"] = scaling.handle
    bridges.take_turns(lambda_svc)
    # What invokes functions asynchronously goes through it: it comes before what makes rules and
    # topics do so.
    Durable(lambda_svc)
    bridges.write_one_at_a_time(dynamodb)
    bridges.log_as_asked(lambda_svc)
    bridges.retry_rules(eventbridge, lambda_svc)
    bridges.retry_topics(sns, lambda_svc)
    if "CHAOS" in os.environ:
        workflow_faults.befall(stepfunctions, Path(os.environ["CHAOS"]))
    runpy.run_module(sys.argv.pop(), run_name="__main__", alter_sys=True)
