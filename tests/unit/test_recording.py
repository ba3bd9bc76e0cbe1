import pulumi
import pulumi_aws as aws
import pytest

from tests.recording import deploy


def test_what_the_program_registered_is_recorded_with_its_parent() -> None:
    def program() -> None:
        parent = pulumi.ComponentResource("test:a:Parent", "parent")
        aws.sqs.Queue("child", delay_seconds=5, opts=pulumi.ResourceOptions(parent=parent))

    child = deploy(program).one("sqs/queue:Queue")
    assert child.inputs == {"delaySeconds": 5.0}
    assert child.parent == "parent"


def test_a_false_assertion_in_an_apply_fails() -> None:
    def program() -> None:
        def check(arn: str) -> None:
            assert arn == "another"

        aws.sqs.Queue("queue").arn.apply(check)

    with pytest.raises(AssertionError):
        deploy(program)


def test_an_error_of_the_program_comes_out() -> None:
    def program() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        deploy(program)


def test_in_a_preview_nothing_computed_is_known() -> None:
    known: list[bool] = []

    async def look(output: pulumi.Output[str]) -> None:
        known.append(await output.is_known())

    def program() -> pulumi.Output[None]:
        return pulumi.Output.from_input(look(aws.sqs.Queue("queue").arn))

    deploy(program, unknown=True)
    deploy(program)
    assert known == [False, True]
