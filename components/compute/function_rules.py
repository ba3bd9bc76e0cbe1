"""Rules between the settings of a function."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from components.compute.repository import DIGEST
from components.compute.runtime import PYTHON
from components.core.checks import matches, when
from components.core.environment import environment_mistakes

if TYPE_CHECKING:
    from components.compute.function_args import FunctionArgs

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MOST_LAYERS = 5
ENVIRONMENT_BYTES = 4_096
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-runtimes.html
FIRST_MANAGED_PYTHON = (3, 13)


def mistakes(args: "FunctionArgs") -> Iterator[str | None]:
    """Return what Lambda would refuse."""
    yield from _packaged(args) if args.image is None else _image(args)
    yield when(
        args.durable is not None and args.asynchronous is not None,
        "asynchronous is given for a durable function: allowed is none, Lambda does not "
        "retry its executions and sends those that fail to its dead-letter queue",
    )
    yield from _environment(args)
    yield from _file_system(args)
    yield from _managed(args)


def _packaged(args: "FunctionArgs") -> Iterator[str | None]:
    yield when(not args.code, "code is '': allowed is a folder, or an image in place of it")
    yield matches("handler", args.handler, r"(?=.{1,128}$)\w+(\.\w+)+", "package.module.function")
    yield when(
        len(args.layers) > MOST_LAYERS,
        f"layers has {len(args.layers)} entries: allowed is {MOST_LAYERS}",
    )


def _image(args: "FunctionArgs") -> Iterator[str | None]:
    if isinstance(args.image, str):
        yield matches(
            "image",
            args.image,
            rf"[a-z0-9][a-z0-9._/-]*@{DIGEST}",
            "repository@sha256:digest, as a tag may become another image",
        )
    given = {
        "code": bool(args.code),
        "handler": bool(args.handler),
        "layers": bool(args.layers),
        "code_signing_config_arn": args.code_signing_config_arn is not None,
        "snap_start": args.size.snap_start,
    }
    for name, is_given in given.items():
        yield when(is_given, f"{name} is given with an image: allowed is none")


def _environment(args: "FunctionArgs") -> Iterator[str | None]:
    plain = {k: v for k, v in args.environment.items() if isinstance(v, str)}
    used = sum(len(k.encode()) + len(v.encode()) for k, v in plain.items())
    yield when(
        used > ENVIRONMENT_BYTES,
        f"environment has {used:,} bytes: allowed is {ENVIRONMENT_BYTES:,}",
    )
    yield from environment_mistakes(args.environment)


def _file_system(args: "FunctionArgs") -> Iterator[str | None]:
    if args.file_system is None:
        return
    yield when(args.vpc is None, "file_system is given without vpc: allowed is with one")
    # https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html
    yield when(args.size.snap_start, "snap_start is given with file_system: allowed is one")


def _managed(args: "FunctionArgs") -> Iterator[str | None]:
    managed = args.managed_instances
    if managed is None:
        return
    provider, size = managed.provider, args.size
    yield when(
        args.architecture != provider.args.architecture,
        f"architecture is {args.architecture!r}: allowed is {provider.args.architecture!r}, that "
        f"of capacity provider {provider.name}",
    )
    yield when(
        tuple(map(int, PYTHON.split("."))) < FIRST_MANAGED_PYTHON,
        f"runtime is python{PYTHON} with managed_instances: allowed is python3.13 or newer",
    )
    given = {
        "provisioned_concurrency": size.provisioned_concurrency is not None,
        "reserved_concurrency": size.reserved_concurrency is not None,
        "snap_start": size.snap_start,
        # Its network is the provider's.
        "vpc": args.vpc is not None,
        # Traffic shifts between numbered versions; the alias stays at the one that is made anew.
        "release": args.release is not None,
    }
    for name, is_given in given.items():
        yield when(is_given, f"{name} is given with managed_instances: allowed is none")
