"""Takes jobs from the queue, one at a time, and sees each to its end or gives it back."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Annotated, Any, Self

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import Field

from importer.heartbeat import Heartbeat
from importer.protection import Protection
from shared.aws import client
from shared.dead_letters import DeadLetters
from shared.environment import Environment
from shared.jobs.errors import (
    JobDoneError,
    JobPausedError,
    JobRefusedError,
    JobTakenError,
    LeaseLostError,
)
from shared.jobs.job import Job, Surroundings
from shared.jobs.message import read
from shared.jobs.run import run
from shared.observability import count, logger

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

# An idle worker that is told to end does so within one of these polls.
POLL_SECONDS = 5
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
MOST_VISIBILITY_SECONDS = 12 * 3_600
# Five of these may be missed before another worker gets the message.
BEATS = 6


class Settings(Environment):
    """The queue of jobs, where those go that can never be done, and how long one stays hidden."""

    queue_url: str = Field(alias="JOB_QUEUE_URL")
    dead_letters_url: str = Field(alias="JOB_DEAD_LETTERS_URL")
    visibility_seconds: Annotated[int, Field(alias="JOB_VISIBILITY_SECONDS", ge=3, le=3_600)]


@dataclass
class Worker:
    """Works on what is in the queue, each kind of job by its own code."""

    settings: Settings
    jobs: dict[str, Job[Any]]
    sqs: "SQSClient" = field(default_factory=lambda: client("sqs", wait_seconds=POLL_SECONDS))
    protection: Protection = field(default_factory=Protection)
    _stopping: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def of(cls, jobs: Iterable[Job[Any]]) -> Self:
        """Make a worker of these jobs, by the environment."""
        return cls(Settings.read(), {job.kind: job for job in jobs})

    def stop(self) -> None:
        """Let the work under way pause behind its next checkpoint, and end."""
        self._stopping.set()

    def work(self) -> None:
        """Work until it is stopped."""
        while not self._stopping.is_set():
            try:
                self.take_one()
            except (BotoCoreError, ClientError):
                logger.exception("the queue does not answer")
                self._stopping.wait(POLL_SECONDS)

    def take_one(self) -> None:
        """Wait for a message, for a while, and handle it."""
        answer = self.sqs.receive_message(
            QueueUrl=self.settings.queue_url,
            MaxNumberOfMessages=1,
            WaitTimeSeconds=POLL_SECONDS,
            VisibilityTimeout=self.settings.visibility_seconds,
        )
        for message in answer.get("Messages", []):
            self._handle(message)

    def _handle(self, message: "MessageTypeDef") -> None:
        """Work on a message: delete it when it is done or given up, else let it come back."""
        receipt, told = message["ReceiptHandle"], {"message_id": message["MessageId"]}
        try:
            with self.protection.held():
                self._run(message["Body"], receipt)
        except JobPausedError as pause:
            # Other workers need not wait until the message would come back by itself.
            self._hide(receipt, min(round(pause.seconds), MOST_VISIBILITY_SECONDS))
            logger.info("job paused", extra=told)
            return
        except JobTakenError as error:
            # A worker that died may hold the lease: then it is over when the message comes back.
            self._hide(receipt, ceil(error.seconds))
            logger.info("job is taken", extra={**told, "reason": str(error)})
            return
        except LeaseLostError as error:
            logger.warning("job lost to another worker", extra={**told, "reason": str(error)})
            return
        except (JobDoneError, JobRefusedError) as error:
            logger.info("job over", extra={**told, "reason": str(error)})
        except Exception:  # noqa: BLE001 - it may pass: the message comes back, and it is logged
            logger.exception("job failed", extra=told)
            count("JobsFailed")
            return
        self.sqs.delete_message(QueueUrl=self.settings.queue_url, ReceiptHandle=receipt)

    def _run(self, body: str, receipt: str) -> None:
        dead_letters = DeadLetters(self.settings.dead_letters_url, self.sqs)
        try:
            asked = read(body)
            job = self._job(asked.kind)
        except JobRefusedError as error:
            dead_letters.put(body, str(error))
            raise
        visibility = self.settings.visibility_seconds

        def beat() -> None:
            self._hide(receipt, visibility)
            self.protection.renew()

        with Heartbeat(beat, visibility / BEATS) as heartbeat:
            surroundings = Surroundings(
                # Over before the message of a worker that died comes back.
                lease_seconds=visibility * 0.8,
                stopping=self._stopping.is_set,
                saved=heartbeat.alive,
            )
            run(job, asked, surroundings, lambda reason: dead_letters.put(body, reason))

    def _job(self, kind: str) -> Job[Any]:
        if kind in self.jobs:
            return self.jobs[kind]
        known = ", ".join(self.jobs)
        raise JobRefusedError(f"kind {kind!r} is unknown: known is {known}")

    def _hide(self, receipt: str, seconds: int) -> None:
        self.sqs.change_message_visibility(
            QueueUrl=self.settings.queue_url, ReceiptHandle=receipt, VisibilityTimeout=seconds
        )
