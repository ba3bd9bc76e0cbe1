import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.compute.task_size import MEMORY_MB, TaskSize
from components.core.checks import ArgumentsError

# What AWS's page says, written down once more: CPU units, the least and the most GB, the step.
TABLE = [
    (512, 1, 4, 1),
    (1_024, 2, 8, 1),
    (2_048, 4, 16, 1),
    (4_096, 8, 30, 1),
    (8_192, 16, 60, 4),
    (16_384, 32, 120, 8),
]
LEGAL = {
    *((256, memory) for memory in (512, 1_024, 2_048)),
    *(
        (cpu, 1_024 * gb)
        for cpu, least, most, step in TABLE
        for gb in range(least, most + 1, step)
    ),
    *((32_768, 1_024 * gb) for gb in (60, 120, 244)),
}
# US dollars a vCPU and a GB an hour, in us-east-1: Arm, x86, and Windows-free Spot of x86.
PRICES = [(0.03238, 0.00356), (0.04048, 0.004445), (0.01215, 0.00133)]


def test_the_pairs_are_those_of_fargate() -> None:
    assert {(cpu, memory) for cpu, sizes in MEMORY_MB.items() for memory in sizes} == LEGAL


@given(
    cpu=st.integers(1, 32_768) | st.sampled_from(sorted(MEMORY_MB)),
    memory=st.integers(1, 249_856) | st.sampled_from(sorted({m for _, m in LEGAL})),
)
def test_a_task_gets_the_cheapest_pair_that_fits(cpu: int, memory: int) -> None:
    got = TaskSize(cpu=cpu, memory_mb=memory).pair
    fitting = [pair for pair in LEGAL if pair[0] >= cpu and pair[1] >= memory]
    assert got in fitting
    for vcpu, gb in PRICES:
        cheapest = min(fitting, key=lambda pair: pair[0] * vcpu + pair[1] * gb)
        assert got == cheapest


@pytest.mark.parametrize(
    ("cpu", "memory", "pair"),
    [
        (1, 1, (256, 512)),
        (256, 512, (256, 512)),
        (256, 513, (256, 1_024)),
        (257, 512, (512, 1_024)),
        # Memory may ask for more CPU than is needed.
        (256, 2_049, (512, 3_072)),
        (1_024, 8_193, (2_048, 9_216)),
        (4_096, 30_721, (8_192, 32_768)),
        (16_384, 122_881, (32_768, 249_856)),
        (32_768, 249_856, (32_768, 249_856)),
    ],
)
def test_sizes_at_the_edges(cpu: int, memory: int, pair: tuple[int, int]) -> None:
    assert TaskSize(cpu=cpu, memory_mb=memory).pair == pair


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"cpu": 32_769}, "cpu is 32769: allowed is 1 to 32,768"),
        ({"memory_mb": 249_857}, "memory_mb is 249857: allowed is 1 to 249,856"),
        ({"ephemeral_storage_gb": 19}, "ephemeral_storage_gb is 19: allowed is 20 to 200"),
    ],
)
def test_what_no_task_has_is_refused(settings: dict[str, int], message: str) -> None:
    with pytest.raises(ArgumentsError, match=message):
        TaskSize(**settings)


@pytest.mark.parametrize(
    ("gb", "asked"), [(20, None), (21, {"size_in_gib": 21}), (200, {"size_in_gib": 200})]
)
def test_a_larger_disk_is_asked_for_and_the_usual_one_is_not(
    gb: int, asked: dict[str, int] | None
) -> None:
    inputs = TaskSize(ephemeral_storage_gb=gb).inputs()
    assert inputs == {"cpu": "256", "memory": "512", "ephemeral_storage": asked}
