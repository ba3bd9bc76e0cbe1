from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from cost import compute, prices, ways_out
from cost.compute import Load, Task, crossover
from cost.crossovers import FORMS, JOB, Plot, job_crossover, of_minutes
from cost.pages import replaced

# A million requests of 100 ms with 1 GB: 100,000 GB-seconds.
LOAD = Load(requests=1_000_000, duration_ms=100, memory_mb=1_024, cpu_share=0.5)
X86 = replace(LOAD, architecture="x86_64")
# 100 requests at a time, on average, for the 2,628,000 seconds of a month.
BUSY = replace(LOAD, requests=2_628_000_000)


def close(usd: float) -> object:
    return pytest.approx(usd, abs=0.005)


@pytest.mark.parametrize(
    ("cost", "arm", "x86"),
    [
        # 0.20 + 100,000 x 0.0000133334, or 0.0000166667.
        (compute.on_demand, 1.53, 1.87),
        # One environment kept for 2,628,000 s: 8.76 or 10.95; 0.78 or 0.97 in use; 0.20.
        (compute.provisioned, 9.74, 12.12),
        # As on demand, 3.954 for the snapshot, 10,000 GB restored for 1.398.
        (compute.snap_started, 6.89, 7.22),
        # Three instances for 730 hours at 0.145 x 1.15, or 0.1785 x 1.15; 0.20.
        (compute.managed_instances, 365.38, 449.75),
        # Two tasks at 0.03238 + 2 x 0.00356, or 0.04048 + 2 x 0.004445, an hour.
        (compute.fargate_service, 57.67, 72.08),
        # As on demand; 5 million operations for 40; 4.77 GB written and kept for 1.907.
        (compute.durable, 43.44, 43.77),
        # A minute for each: 1,000,000 / 60 hours of a task.
        (compute.fargate_tasks, 658.33, 822.83),
        # 73 for the cluster, two pods of 3 GB at 0.053815 an hour, on x86 always.
        (compute.kubernetes, 151.57, 151.57),
    ],
)
def test_a_month_costs_what_the_price_book_says(
    cost: Callable[[Load], float], arm: float, x86: float
) -> None:
    assert cost(LOAD) == close(arm)
    assert cost(X86) == close(x86)


def test_more_load_takes_more_places_and_never_less_than_the_least() -> None:
    assert BUSY.concurrency == 100
    # 100 / 0.7 are 143 environments; 525.60 for requests.
    kept, in_use = 143 * 8.7601752, 262_800_000 * 0.0000077778
    assert compute.provisioned(BUSY) == close(525.60 + kept + in_use)
    # 8 requests at a time by CPU and by memory: 100 / 5.6 are 18 instances.
    assert compute.managed_instances(BUSY) == close(525.60 + 18 * 0.16675 * 730)
    # 2 at a time: 100 / 1.4 are 72 tasks.
    assert compute.fargate_service(BUSY) == close(72 * 0.0395 * 730)
    assert compute.fargate_service(BUSY, least=100) == close(100 * 0.0395 * 730)
    # 1.75 GB are usable of 2, and 2.75 of 3: CPU decides for 2 requests at a time.
    assert compute.kubernetes(BUSY) == close((72 * 0.053815 + 0.10) * 730)
    small = Task(vcpus=1, memory_gb=2)
    assert compute.kubernetes(BUSY, small) == close((82 * 0.04937 + 0.10) * 730)


def test_what_waits_shares_an_environment_up_to_sixteen_times_a_vcpu() -> None:
    waiting = replace(BUSY, cpu_share=0.01, memory_mb=16)
    # 64 at a time: 100 / 44.8 are 3 instances.
    expected = 525.60 + 3 * 0.16675 * 730
    assert compute.managed_instances(waiting) == close(expected)


def test_duration_is_billed_by_tiers() -> None:
    assert compute.tiered(7.5e9, "arm64") == close(100_000.50)
    assert compute.tiered(18.75e9, "arm64") == close(100_000.50 + 135_001.125)
    assert compute.tiered(20e9, "arm64") == close(100_000.50 + 135_001.125 + 13_333.375)
    assert compute.tiered(16e9, "x86_64") == close(100_000.20 + 135_000 + 13_333.40)


def test_a_task_is_billed_from_the_pull_of_its_image_on_and_a_minute_at_least() -> None:
    job = Load(requests=60, duration_ms=30_000, memory_mb=1_024)
    assert compute.fargate_tasks(job) == close(0.0395)
    longer = replace(job, duration_ms=90_000)
    assert compute.fargate_tasks(longer) == close(0.079)


def test_a_crossover_is_where_the_last_of_them_is() -> None:
    def steps(load: Load) -> float:
        return 15 * (1 + load.requests // 1_000)

    def line(load: Load) -> float:
        return load.requests / 50

    # 20 a thousand against steps of 15: dearer last from 2,000 to 45 / 20 x 1,000.
    found = crossover(steps, line, LOAD)
    assert found == pytest.approx(2_250, rel=0.001)
    assert crossover(line, steps, LOAD) is None
    assert crossover(lambda load: line(load) / 2, line, LOAD) == 0


def test_warm_environments_are_cheaper_from_sixty_percent_of_use_on() -> None:
    for architecture in ("arm64", "x86_64"):
        (_, cold), *_ = prices.DURATION[architecture]
        kept, in_use = prices.WARM[architecture].usd, prices.WARM_DURATION[architecture].usd
        assert kept / (cold.usd - in_use) == pytest.approx(0.6, abs=0.001)


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_cheaper_on_one_side_of_its_crossover(name: str) -> None:
    cost = FORMS[name]
    at = crossover(cost, compute.on_demand, LOAD)
    if at:
        after, before = (replace(LOAD, requests=at * by) for by in (1.001, 0.999))
        assert cost(after) < compute.on_demand(after)
        assert cost(before) >= compute.on_demand(before)


def test_a_long_job_is_cheaper_as_a_task() -> None:
    seconds = job_crossover()
    task = Task(vcpus=2, memory_gb=4)
    for number, cheaper in ((seconds - 1, False), (seconds, True)):
        job = replace(JOB, duration_ms=number * 1_000)
        assert (compute.fargate_tasks(job, task) < compute.on_demand(job)) is cheaper
    lines = of_minutes([1, 15]).lines
    assert lines["Lambda (3,538 MB)"](15) == close(41.46)
    assert lines["Fargate task (4 GB)"](15) == close(20.41)


def test_a_plot_has_a_line_and_a_colour_for_each_form() -> None:
    plot = Plot(title="T", x="x", y="y", xs=[1, 2], lines={"a": lambda x: x, "b": lambda x: 2 * x})
    lines = plot.markdown().splitlines()
    assert lines[0] == "```mermaid"
    assert '"plotColorPalette": "#3b82f6, #f97316"' in lines[1]
    assert lines[4:8] == [
        '  x-axis "x" [1, 2]',
        '  y-axis "y" 0 --> 4.00',
        "  line [1.00, 2.00]",
        "  line [2.00, 4.00]",
    ]
    assert lines[-1] == "🟦 a · 🟧 b"


def test_ways_out_cost_by_the_hour_and_by_the_gigabyte() -> None:
    assert ways_out.nat(1) == close(36.50)
    assert ways_out.nat(3, 100) == close(114.00)
    assert ways_out.endpoints(4, 2) == close(58.40)
    assert ways_out.endpoints(2, 3, 100) == close(44.80)


def every_price() -> list[prices.Price]:
    found = [each for each in vars(prices).values() if isinstance(each, prices.Price)]
    for by_architecture in (prices.WARM, prices.WARM_DURATION, prices.FARGATE_VCPU):
        found += by_architecture.values()
    found += prices.FARGATE_MEMORY.values()
    found += [each.hour for each in prices.INSTANCES.values()]
    return found + [price for tiers in prices.DURATION.values() for _, price in tiers]


def test_every_price_names_its_page_and_the_day_that_it_is_of() -> None:
    assert len(every_price()) == 29
    for price in every_price():
        assert price.usd > 0
        assert price.page.startswith("https://aws.amazon.com/")
        assert price.page.endswith(("/pricing/", "/on-demand/"))
        assert date(2026, 1, 1) < price.as_of <= date(2026, 11, 27)


def test_a_page_has_one_place_for_what_is_written(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- x -->\nold\n<!-- /x -->\nb\n")
    assert replaced(page, "x", "new") == "a\n<!-- x -->\n\nnew\n\n<!-- /x -->\nb\n"
    with pytest.raises(ValueError, match="0 places for y: allowed is one"):
        replaced(page, "y", "new")
