"""A run: orders under faults on a stage of its own, until everything has come to its end."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.chaos.count import Found, Poison, Verdict, judge, told
from local.chaos.disturb import Disturbance
from local.chaos.observe import Observer
from local.chaos.partner import ROW, Partner
from local.chaos.people import Shop, repeat_events, review
from local.chaos.plan import EACH_REPEATED, Plan
from local.chaos.poison import Poisoner
from local.chaos.proxy import Proxy
from local.customers import sign_in
from local.demo.orders import Kind, stock
from local.emulator.workflow_faults import NAME as WORKFLOW
from local.errors import LocalError
from local.paths import STATE
from local.runtime import faults
from local.stage import LocalStage

CHAOS = STATE / "chaos"
THREADS = 4
LOOK_SECONDS = 0.5
# An upload has a row for so many orders that come through the door.
ORDERS_A_ROW = 5
# Far longer than the longest wait of a retry on the local stage.
SETTLE_SECONDS = 240
# Whoever comes late would come within it.
GRACE_SECONDS = 3


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a run found, and what it did to find it."""

    plan: Plan
    placed: Mapping[str, Kind]
    found: Found
    verdict: Verdict
    poison: list[Poison]
    # From the end of the faults until nothing was left to do; none when it never was.
    settled_seconds: float | None
    injected: Counter[str]
    sendings: Counter[str]


@dataclass
class Run:
    """One run on a stage, which it makes anew."""

    plan: Plan
    state: Path = CHAOS
    report: Callable[[str], None] = print
    folder: Path = field(init=False)
    stage: LocalStage = field(init=False)
    proxy: Proxy | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.folder = self.state.resolve() / "faults"
        self.stage = LocalStage(
            state=self.state,
            report=self.report,
            environment={
                "CHAOS": str(self.folder),
                # Waits long enough to outlast what passes, and short enough for a test.
                "SFN_WAIT_SCALE": "0.1",
                "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.5",
            },
        )

    def up(self) -> None:
        """Deploy onto an empty stage, with the proxy of faults in front of it."""
        self.stage.down()
        self.stage.up()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.proxy = Proxy(self.stage.endpoint, self.plan.seed, self.stage.emulator.scratch)
        self.proxy.start()
        # Functions start from now on, and find it.
        (self.folder / faults.ENDPOINT).write_text(self.proxy.endpoint)

    def down(self) -> None:
        """Stop everything, and leave nothing."""
        self.stage.down()
        if self.proxy:
            self.proxy.stop()

    def go(self) -> Outcome:
        """Place the orders of the plan under its faults, and count.

        Raises:
            LocalError: when the stage is not up, or orders are not accepted at all.
        """
        if self.proxy is None:
            raise LocalError("the stage is not up")
        endpoint, outputs = self.stage.endpoint, self.stage.outputs()
        stock(endpoint, outputs, self.plan.shelves)
        door = {**outputs, "api_url": outputs["api_url"].replace(endpoint, self.proxy.endpoint)}
        shop = Shop(endpoint, door, list(self.plan.orders))
        partner = Partner(endpoint, outputs, len(self.plan.orders) // ORDERS_A_ROW)
        observer, poisoner = Observer(endpoint, outputs), Poisoner(endpoint, outputs)
        disturbance = Disturbance(
            self.stage.emulator, self.plan.with_poison(poisoner.kinds), poisoner.send
        )
        with self._others(shop, outputs) as repeated:
            with self._faults(self.proxy):
                partner.upload()
                self._serve(shop, observer, disturbance)
            ended = time.monotonic()
            self.report(f"faults are over: {len(shop.placed):,} orders accepted")
            settled = self._settle(observer, partner, shop.placed)
        found, imported = observer.found(), observer.orders_of(partner.customer_id)
        placed = {**shop.placed, **dict.fromkeys(imported, ROW)}
        verdict = judge(placed, found, self.plan.shelves, poisoner.sent)
        verdict.failures.extend(partner.failures(len(imported)))
        return Outcome(
            plan=self.plan,
            placed=placed,
            found=found,
            verdict=verdict,
            poison=poisoner.sent,
            settled_seconds=settled and settled - ended,
            injected=self._injected(self.proxy) + disturbance.done + Counter(repeated()),
            sendings=observer.sendings(),
        )

    @contextmanager
    def _faults(self, proxy: Proxy) -> Iterator[None]:
        """Let faults happen meanwhile."""
        plan = self.folder / faults.PLAN
        proxy.use(self.plan.rules())
        plan.write_text(json.dumps(self.plan.of_functions()))
        try:
            yield
        finally:
            plan.unlink()
            proxy.use([])

    @contextmanager
    def _others(
        self, shop: Shop, outputs: Mapping[str, Any]
    ) -> Iterator[Callable[[], Mapping[str, int]]]:
        """Let a reviewer decide meanwhile, and events come again; yield what tells how many."""
        endpoint, stopped = self.stage.endpoint, threading.Event()
        reviewer = sign_in(endpoint, shop.outputs, "reviewers")
        with ThreadPoolExecutor(2) as pool:
            pool.submit(review, reviewer, shop.placed, stopped)
            repeats = pool.submit(repeat_events, endpoint, outputs, EACH_REPEATED, stopped)
            try:
                yield lambda: {"event put twice": repeats.result()}
            finally:
                stopped.set()
        reviewer.http.close()

    def _serve(self, shop: Shop, observer: Observer, disturbance: Disturbance) -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            serving = [pool.submit(shop.serve) for _ in range(THREADS)]
            try:
                while not all(each.done() for each in serving):
                    shop.open_orders = observer.open_orders()
                    disturbance.catch_up(len(shop.placed))
                    time.sleep(LOOK_SECONDS)
            finally:
                # An interrupted command need not wait for the rest.
                shop.stopped.set()
        for each in serving:
            each.result()
        disturbance.catch_up(len(shop.orders))
        if not shop.done:
            raise LocalError(f"not all orders were accepted: {shop.failures}")

    @staticmethod
    def _settle(observer: Observer, partner: Partner, placed: Mapping[str, Kind]) -> float | None:
        """Wait until all is told and nothing moves; return when that was."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < deadline:
            if observer.quiet() and partner.reported():
                at, found = time.monotonic(), observer.found()
                dead = "".join(letter.body for letter in found.letters)
                known = {*placed, *found.orders}
                if all(told(id_, found) or id_ in dead for id_ in known):
                    time.sleep(GRACE_SECONDS)
                    return at
            time.sleep(LOOK_SECONDS)
        return None

    def _injected(self, proxy: Proxy) -> Counter[str]:
        """Count what befell calls and invocations."""
        found: Counter[str] = Counter()
        for event in proxy.fired():
            found[f"{event['service'] or 'front door'}: {event['action'].split(':')[0]}"] += 1
        log = self.folder / faults.FIRED
        for line in log.read_text().splitlines() if log.exists() else []:
            fired = json.loads(line)
            who = "workflow" if fired["function"] == WORKFLOW else "function"
            found[f"{who}: {fired['fault']}"] += 1
        return found
