"""Buckets, and the settings of buckets that are resources of their own."""

from typing import Any, ClassVar

from botocore.exceptions import ClientError

from local.provider import shapes
from local.provider.clients import Clients
from local.provider.compare import same
from local.provider.handler import Handler, handles
from local.provider.handlers import tags
from local.provider.policies import without_tls
from local.provider.wire import Properties

HOME = "us-east-1"
MOST_DELETED = 1_000
OWN, SUSPENDED = "AES256", "Suspended"


@handles("aws:s3/bucket:Bucket")
class Bucket(Handler):
    """A bucket; its id is its name. Settings that are types of their own are made by these."""

    replace = frozenset({"bucket", "bucketPrefix", "objectLockEnabled"})

    def create(self, aws: Clients, properties: Properties) -> str:
        name = str(properties["bucket"])
        request: dict[str, Any] = {"Bucket": name}
        if aws.region != HOME:
            request["CreateBucketConfiguration"] = {"LocationConstraint": aws.region}
        if properties.get("objectLockEnabled"):
            request["ObjectLockEnabledForBucket"] = True
        aws("s3").create_bucket(**request)
        return name

    def finish(self, aws: Clients, id_: str, properties: Properties) -> None:
        self._tag(aws, id_, properties)

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties:
        s3 = aws("s3")
        region = s3.get_bucket_location(Bucket=id_).get("LocationConstraint") or HOME
        return {
            "bucket": id_,
            "arn": f"arn:aws:s3:::{id_}",
            "bucketDomainName": f"{id_}.s3.amazonaws.com",
            "bucketRegionalDomainName": f"{id_}.s3.{region}.amazonaws.com",
            "bucketRegion": region,
            "region": region,
            "tags": _tags(s3, id_),
        }

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        self._tag(aws, id_, new)

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        if state.get("forceDestroy"):
            _empty(aws("s3"), id_)
        aws("s3").delete_bucket(Bucket=id_)

    @staticmethod
    def _tag(aws: Clients, name: str, properties: Properties) -> None:
        given = tags.listed(properties.get("tags"))
        if given:
            aws("s3").put_bucket_tagging(Bucket=name, Tagging={"TagSet": given})
        else:
            aws("s3").delete_bucket_tagging(Bucket=name)


def _tags(s3: Any, name: str) -> dict[str, str]:
    try:
        return tags.unlisted(s3.get_bucket_tagging(Bucket=name)["TagSet"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchTagSet":
            raise
        return {}


def _empty(s3: Any, name: str) -> None:
    """Remove every version of every object, and the uploads that were never completed."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
        for start in range(0, len(objects), MOST_DELETED):
            part = {"Objects": objects[start : start + MOST_DELETED], "Quiet": True}
            s3.delete_objects(Bucket=name, Delete=part)
    for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=name):
        for each in page.get("Uploads", []):
            s3.abort_multipart_upload(Bucket=name, Key=each["Key"], UploadId=each["UploadId"])


class Setting(Handler):
    """One setting of a bucket, as a resource; its id is the bucket's name."""

    replace = frozenset({"bucket"})
    noun: ClassVar[str]
    """What boto3's methods name it: `put_…`, `get_…`, `delete_…`."""
    member: ClassVar[str] = ""
    """The member of the request that holds it."""
    renames: ClassVar[shapes.Renames] = {}
    answer: ClassVar[str] = ""
    """The member of the answer that holds it, if it is not the answer itself."""

    def create(self, aws: Clients, properties: Properties) -> str:
        name = str(properties["bucket"])
        self._put(aws, name, properties)
        return name

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties | None:
        client, method = aws("s3"), f"get_{self.noun}"
        found = getattr(client, method)(Bucket=id_)
        shape = shapes.operation(client, method).output_shape
        if self.answer:
            if self.answer not in found:
                return None
            found, shape = found[self.answer], shape.members[self.answer]
        live = shapes.from_response(shape, found, self.renames)
        return {**self.told(live), "bucket": id_} if live else None

    def told(self, live: Properties) -> Properties:
        """Return what the answer tells under the type's own names."""
        return live

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        self._put(aws, id_, new)

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        getattr(aws("s3"), f"delete_{self.noun}")(Bucket=id_)

    def _put(self, aws: Clients, name: str, properties: Properties) -> None:
        client, method = aws("s3"), f"put_{self.noun}"
        shape = shapes.operation(client, method).input_shape.members[self.member]
        given = shapes.to_request(shape, self.asked(properties), self.renames)
        getattr(client, method)(Bucket=name, **{self.member: given})

    def asked(self, properties: Properties) -> Properties:
        """Return the properties in the form that the API takes."""
        return properties


@handles("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
class PublicAccessBlock(Setting):
    """What keeps a bucket private."""

    noun = "public_access_block"
    member = answer = "PublicAccessBlockConfiguration"


@handles("aws:s3/bucketOwnershipControls:BucketOwnershipControls")
class OwnershipControls(Setting):
    """Who owns objects, and whether ACLs count."""

    noun = "bucket_ownership_controls"
    member = answer = "OwnershipControls"

    def asked(self, properties: Properties) -> Properties:
        return {"rules": [properties["rule"]]}

    def told(self, live: Properties) -> Properties:
        return {"rule": live["rules"][0]}


@handles("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration")
class Encryption(Setting):
    """How objects are encrypted that do not say it.

    S3 always has one: its own, where another is expected, is what a removal leaves.
    """

    noun = "bucket_encryption"
    member = answer = "ServerSideEncryptionConfiguration"
    renames = {
        "sseAlgorithm": "SSEAlgorithm",
        "kmsMasterKeyId": "KMSMasterKeyID",
    }

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties | None:
        live = super().read(aws, id_, state)
        if live and state and _algorithm(live) == OWN != _algorithm(state):
            return None
        return live


def _algorithm(properties: Properties) -> Any:
    return properties["rules"][0]["applyServerSideEncryptionByDefault"]["sseAlgorithm"]


@handles("aws:s3/bucketVersioning:BucketVersioning")
class Versioning(Setting):
    """Whether a bucket keeps what is replaced or deleted.

    It is never again as if it had not: suspended, where it is expected, is what a removal leaves.
    """

    noun = "bucket_versioning"
    member = "VersioningConfiguration"

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties | None:
        live = super().read(aws, id_, state)
        if live and state and _status(live) == SUSPENDED != _status(state):
            return None
        return live

    def asked(self, properties: Properties) -> Properties:
        return dict(properties["versioningConfiguration"])

    def told(self, live: Properties) -> Properties:
        return {"versioningConfiguration": live}

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        self._put(aws, id_, {"versioningConfiguration": {"status": SUSPENDED}})


def _status(properties: Properties) -> Any:
    return properties["versioningConfiguration"]["status"]


@handles("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
class Lifecycle(Setting):
    """What becomes of objects in time. The emulator keeps the rules and does not act on them."""

    noun = "bucket_lifecycle_configuration"
    member = "LifecycleConfiguration"
    renames = {"id": "ID"}

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        aws("s3").delete_bucket_lifecycle(Bucket=id_)


@handles("aws:s3/bucketCorsConfiguration:BucketCorsConfiguration")
class Cors(Setting):
    """Which web pages may use a bucket."""

    noun = "bucket_cors"
    member = "CORSConfiguration"
    renames = {"id": "ID", "corsRules": "CORSRules"}


@handles("aws:s3/bucketLogging:BucketLogging")
class Logging(Setting):
    """Where the access logs of a bucket go. The emulator writes none."""

    noun = "bucket_logging"
    member = "BucketLoggingStatus"
    answer = "LoggingEnabled"

    def asked(self, properties: Properties) -> Properties:
        return {"loggingEnabled": properties}

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        aws("s3").put_bucket_logging(Bucket=id_, BucketLoggingStatus={})


@handles("aws:s3/bucketPolicy:BucketPolicy")
class BucketPolicy(Handler):
    """Who may use a bucket, but for what is about TLS, which the emulator has none of."""

    replace = frozenset({"bucket"})

    def create(self, aws: Clients, properties: Properties) -> str:
        name = str(properties["bucket"])
        self._set(aws, name, properties["policy"])
        return name

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties | None:
        given = state.get("policy", "")
        kept = without_tls(given) if given else ""
        if given and not kept:
            aws("s3").head_bucket(Bucket=id_)
            return {"bucket": id_, "policy": given}
        live = aws("s3").get_bucket_policy(Bucket=id_)["Policy"]
        return {"bucket": id_, "policy": given if kept and same(live, kept) else live}

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        self._set(aws, id_, new["policy"])

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        aws("s3").delete_bucket_policy(Bucket=id_)

    @staticmethod
    def _set(aws: Clients, name: str, policy: str) -> None:
        kept = without_tls(policy)
        if kept:
            aws("s3").put_bucket_policy(Bucket=name, Policy=kept)
        else:
            aws("s3").delete_bucket_policy(Bucket=name)
