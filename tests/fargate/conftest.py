"""What the tests of the container share with those of the functions."""

from tests.lambdas.conftest import (  # noqa: F401
    aws,
    environment,
    jobs,
    log,
    one_at_a_time,
    s3,
    sqs,
    table,
)
