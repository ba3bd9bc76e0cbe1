"""Orders by upload: a partner's CSV file becomes orders, and a report of what was refused."""

from collections.abc import Sequence

import pulumi

from components.compute.cluster import Cluster
from components.compute.container_service import ContainerService, ContainerServiceArgs
from components.compute.container_task import ContainerTask, ContainerTaskArgs
from components.compute.over_limit_job import OverLimitJob, OverLimitJobArgs
from components.compute.repository import Repository, RepositoryArgs
from components.core.links import Link
from components.data.bucket import Bucket, BucketArgs, LifecycleRule, Upload
from components.data.table import Table
from components.events.schedule import Schedule, ScheduleArgs
from components.workflow.run_task import RunTask
from components.workflow.workflow import Workflow, WorkflowArgs
from system.context import Context

# Uploads and reports are of use for as long as somebody may ask about them.
KEPT_DAYS = 90
# The day that is compared, in UTC, has ended by then.
NIGHTLY = "cron(0 2 * * ? *)"
HOUR = 3600


class Imports:
    """Bucket → asynchronous function, or containers → orders, by the code of `POST /orders`."""

    def __init__(self, context: Context, orders: Table) -> None:
        settings = context.settings
        self._context, self._orders = context, orders
        self.uploads = Bucket(
            "uploads",
            BucketArgs(
                account=context.account,
                lifecycle=[LifecycleRule(expire_days=KEPT_DAYS, noncurrent_days=KEPT_DAYS)],
                access_logs=settings.access_logs,
                protect=settings.protect,
                force_destroy=not settings.protect,
                key=context.key,
            ),
            context.opts,
        )
        size = settings.functions.start_import
        self.job = OverLimitJob(
            "imports",
            OverLimitJobArgs(function_size=size, protect=settings.protect, key=context.key),
            context.opts,
        )
        self._pace = {"IMPORT_ROWS_PER_SECOND": str(settings.importer.rows_per_second)}
        self.start = context.function(
            "start-import",
            "imports.handler.start",
            size,
            self.job.submitter(),
            *self._files(),
            orders.writer("PutItem", "PartiQLInsert"),
            environment=self._pace,
        )
        self.uploads.on_upload(Upload(target=self.start, prefix="imports/", suffix=".csv"))
        # Made before there is an image in it.
        self.repository = Repository("importer", RepositoryArgs(key=context.key), context.opts)

    def work_in(
        self,
        cluster: Cluster,
        digest: str,
        subnet_ids: Sequence[pulumi.Input[str]],
        security_group_ids: Sequence[pulumi.Input[str]],
        *,
        public_ip: bool = False,
    ) -> None:
        """Import what is over the limits in containers, and compare everything by night."""
        context, settings = self._context, self._context.settings.importer
        self.importer = ContainerService(
            "importer",
            ContainerServiceArgs(
                cluster=cluster,
                image=self.repository.image(digest),
                command=["python", "-m", "importer"],
                size=settings.size,
                links=[
                    self.job.worker(),
                    *self._files(),
                    self._orders.writer("PutItem", "PartiQLInsert"),
                ],
                environment=self._pace,
                subnet_ids=subnet_ids,
                security_group_ids=security_group_ids,
                public_ip=public_ip,
                capacity=settings.capacity,
                min_tasks=settings.min_tasks,
                max_tasks=settings.max_tasks,
                logs=context.settings.logs,
                key=context.key,
            ),
            context.opts,
        )
        self.job.runs_on(function=self.start, service=self.importer)
        reconcile = ContainerTask(
            "reconcile",
            ContainerTaskArgs(
                image=self.repository.image(digest),
                command=["python", "-m", "reconcile"],
                links=[self.job.reader(), *self._files(), self._orders.reader("BatchGetItem")],
                logs=context.settings.logs,
                key=context.key,
            ),
            context.opts,
        )
        # Differences fail the task, and so the execution.
        run = RunTask(
            "Compare imports with orders",
            task=reconcile,
            cluster=cluster,
            subnet_ids=subnet_ids,
            security_group_ids=security_group_ids,
            public_ip=public_ip,
            timeout_seconds=HOUR,
        )
        nightly = Workflow(
            "reconciliation",
            WorkflowArgs(states=[run], logs=context.settings.logs, key=context.key),
            context.opts,
        )
        Schedule(
            "reconciliation",
            ScheduleArgs(target=nightly, expression=NIGHTLY, key=context.key),
            context.opts,
        )

    def _files(self) -> tuple[Link, Link]:
        return self.uploads.reader("imports/*"), self.uploads.writer("reports/*")
