"""Containers: uploads over the limits of a function, and a look at all imports by night."""

import pulumi

from components.compute.cluster import Cluster, ClusterArgs
from components.compute.container_service import ContainerService, ContainerServiceArgs
from components.compute.container_task import ContainerTask, ContainerTaskArgs
from components.compute.repository import Image
from components.events.schedule import Schedule, ScheduleArgs
from components.workflow.run_task import RunTask
from components.workflow.workflow import Workflow, WorkflowArgs
from system.context import Context
from system.imports import Imports
from system.inside import Inside

# The day that is compared, in UTC, has ended by then.
NIGHTLY = "cron(0 2 * * ? *)"
HOUR = 3600


class Importer:
    """Queue → a service from zero tasks on; and by night a task that runs to completion.

    Until a stage's settings name an image, there is neither, and jobs wait in the queue.
    """

    def __init__(self, context: Context, imports: Imports, inside: Inside) -> None:
        self._context, self._imports, self._inside = context, imports, inside
        self.nightly: Workflow | None = None
        digest = context.settings.importer.image_digest
        if digest is None:
            pulumi.log.warn(
                "importer.image_digest is not given: uploads over the limits of a function wait "
                "until it is, see docs/guides/over-limit-jobs.md"
            )
            return
        image = imports.repository.image(digest)
        settings = context.settings
        self._cluster = Cluster(
            "orders", ClusterArgs(logs=settings.logs, key=context.key), context.opts
        )
        self.service = self._service(image)
        imports.job.runs_on(function=imports.start, service=self.service)
        self._compare_by_night(image)

    def _service(self, image: Image) -> ContainerService:
        context, chosen = self._context, self._context.settings.importer
        return ContainerService(
            "importer",
            ContainerServiceArgs(
                cluster=self._cluster,
                image=image,
                command=["python", "-m", "importer"],
                size=chosen.size,
                links=self._imports.worker,
                environment=self._imports.pace,
                subnet_ids=self._inside.subnet_ids,
                security_group_ids=self._inside.security_group_ids,
                public_ip=self._inside.public_ip,
                capacity=chosen.capacity,
                min_tasks=chosen.min_tasks,
                max_tasks=chosen.max_tasks,
                # A worker protects itself for as long as its import takes.
                wait_minutes=0,
                logs=context.settings.logs,
                key=context.key,
            ),
            context.opts,
        )

    def _compare_by_night(self, image: Image) -> None:
        context, logs = self._context, self._context.settings.logs
        reconcile = ContainerTask(
            "reconcile",
            ContainerTaskArgs(
                image=image,
                command=["python", "-m", "reconcile"],
                links=self._imports.comparing,
                logs=logs,
                key=context.key,
            ),
            context.opts,
        )
        # Differences fail the task, and so the execution.
        run = RunTask(
            "Compare imports with orders",
            task=reconcile,
            cluster=self._cluster,
            subnet_ids=self._inside.subnet_ids,
            security_group_ids=self._inside.security_group_ids,
            public_ip=self._inside.public_ip,
            timeout_seconds=HOUR,
        )
        self.nightly = Workflow(
            "reconciliation", WorkflowArgs(states=[run], logs=logs, key=context.key), context.opts
        )
        Schedule(
            "nightly-reconciliation",
            ScheduleArgs(target=self.nightly, expression=NIGHTLY, key=context.key),
            context.opts,
        )
