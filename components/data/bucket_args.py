"""The settings of a bucket."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Interval

from components.core.account import Account
from components.core.checks import between, check, check_fields, matches, one_of, when
from components.core.encryption_key import EncryptionKey

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
LONGEST_KEY = 1_024
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
FROM_30_DAYS = ("STANDARD_IA", "ONEZONE_IA")
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-set-lifecycle-configuration-intro.html
MOST_RULES = 1_000
METHODS = ("DELETE", "GET", "HEAD", "POST", "PUT")
Days = Annotated[int, Interval(ge=1, le=36_500)]


@dataclass(frozen=True, kw_only=True)
class LifecycleRule:
    """What becomes of the objects under a prefix, in days.

    They move to `storage_class` after `transition_days` and end after `expire_days`; versions that
    were replaced or deleted end `noncurrent_days` later.
    """

    prefix: str = ""
    expire_days: Days | None = None
    noncurrent_days: Days | None = None
    transition_days: Annotated[int, Interval(ge=0, le=36_500)] = 30
    storage_class: (
        Literal[
            "DEEP_ARCHIVE",
            "GLACIER",
            "GLACIER_IR",
            "INTELLIGENT_TIERING",
            "ONEZONE_IA",
            "STANDARD_IA",
        ]
        | None
    ) = None

    def __post_init__(self) -> None:
        check_fields(self)
        nothing = not (self.expire_days or self.noncurrent_days or self.storage_class)
        soon = self.storage_class in FROM_30_DAYS and self.transition_days < 30  # noqa: PLR2004
        late = (
            self.storage_class is not None
            and self.expire_days is not None
            and self.expire_days <= self.transition_days
        )
        check(
            between("characters of prefix", len(self.prefix), 0, LONGEST_KEY),
            when(
                nothing,
                f"rule for {self.prefix!r} does nothing: allowed is expire_days, noncurrent_days "
                "or storage_class",
            ),
            when(
                soon,
                f"transition_days is {self.transition_days} to {self.storage_class}: allowed is "
                "30 or more",
            ),
            when(
                late,
                f"expire_days is {self.expire_days}: allowed is more than transition_days, "
                f"{self.transition_days}",
            ),
        )


@dataclass(frozen=True, kw_only=True)
class BucketCors:
    """Which web pages may use the bucket, with presigned URLs: their origins, by name."""

    origins: Sequence[str]
    methods: Sequence[str] = ("GET", "PUT")
    headers: Sequence[str] = ("content-type",)
    exposed_headers: Sequence[str] = ("ETag",)
    max_age_seconds: Annotated[int, Interval(ge=0, le=86_400)] = 3_600

    def __post_init__(self) -> None:
        check_fields(self)
        check(
            when(not self.origins, "origins is empty: allowed is one origin or more"),
            *(
                matches("origin", each, r"https?://[^/*\s]+", "scheme and host, no wildcard")
                for each in self.origins
            ),
            *(one_of("method", each, METHODS) for each in self.methods),
        )


@dataclass(frozen=True, kw_only=True)
class BucketArgs:
    """Settings of a Bucket.

    `access_logs` and `data_events` keep who read and wrote what in a log bucket of its own: S3's
    best-effort logs, and CloudTrail's complete ones. With `eventbridge`, events go to the
    account's default bus, and from there to `on_upload`'s targets. These three need `account`.
    A bucket with `protect` is never emptied; `force_destroy` lets a `destroy` empty it first.
    """

    account: Account | None = None
    versioning: bool = True
    lifecycle: Sequence[LifecycleRule] = ()
    cors: BucketCors | None = None
    access_logs: bool = False
    data_events: bool = False
    eventbridge: bool = False
    protect: bool = False
    force_destroy: bool = False
    key: EncryptionKey | None = None

    def __post_init__(self) -> None:
        needy = [
            name
            for name in ("access_logs", "data_events", "eventbridge")
            if getattr(self, name) and self.account is None
        ]
        unversioned = [each.prefix for each in self.lifecycle if each.noncurrent_days]
        prefixes = [each.prefix for each in self.lifecycle]
        check(
            when(
                bool(needy),
                f"account is None for {', '.join(needy)}: allowed is the stage's Account",
            ),
            when(
                self.protect and self.force_destroy,
                "force_destroy is True with protect: allowed is False",
            ),
            when(
                bool(unversioned) and not self.versioning,
                f"noncurrent_days is given for {unversioned} without versioning: allowed is None",
            ),
            # One rule is always there: it ends uploads that were never completed.
            between("number of lifecycle rules", len(prefixes), 0, MOST_RULES - 1),
            when(
                len(set(prefixes)) < len(prefixes),
                f"lifecycle has the prefixes {prefixes}: allowed is each once",
            ),
        )
