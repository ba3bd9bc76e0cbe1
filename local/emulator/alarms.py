"""Evaluates the alarms that scale services: the emulator evaluates none with metric math.

A minute of CloudWatch is a second here. An alarm takes its steps as long as it stays in its state.
"""

import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from local.emulator import alarm_math

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
BREACHES: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
}
ACTIONS = {
    "ALARM": "AlarmActions",
    "OK": "OKActions",
    "INSUFFICIENT_DATA": "InsufficientDataActions",
}
MISSING = {"breaching": "ALARM", "notBreaching": "OK", "missing": "INSUFFICIENT_DATA"}
# How much faster time passes here.
FASTER = 60
Act = Callable[[str, float], None]


class Alarms:
    """The alarms with scaling policies among their actions."""

    def __init__(self, cloudwatch: Any, scope: Any, metric: Any) -> None:
        self._cloudwatch, self._scope, self._metric = cloudwatch, scope, metric
        self._seen: dict[str, deque[bool]] = {}
        self._due: dict[str, float] = {}
        self._said: set[str] = set()
        self._put = cloudwatch._put_metric_alarm
        cloudwatch._put_metric_alarm = self.put

    def put(self, params: Any, given: Any, *protocol: Any) -> Any:
        """Keep an alarm's metric math, which the emulator leaves out."""
        answer = self._put(params, given, *protocol)
        alarm = self._cloudwatch._alarms.get(given.get("AlarmName"))
        if alarm and given.get("Metrics"):
            alarm["Metrics"] = given["Metrics"]
            # It stands for the metric that the alarm does not have.
            del alarm["Statistic"], alarm["Period"]
        return answer

    def watch(self, policies: Callable[[], set[str]], act: Act) -> None:
        """Evaluate the alarms of policies from now on, in a thread of its own."""
        threading.Thread(target=self._watch, args=(policies, act), daemon=True).start()

    def _watch(self, policies: Callable[[], set[str]], act: Act) -> None:
        while True:
            time.sleep(1)
            known = policies()
            for (account, region, _), alarm in list(self._cloudwatch._alarms.all_items()):
                actions = {each for kind in ACTIONS.values() for each in alarm.get(kind) or ()}
                if not actions & known or alarm["ComparisonOperator"] not in BREACHES:
                    continue
                with self._scope(account, region):
                    try:
                        self._evaluate(alarm, act)
                    except Exception:  # noqa: BLE001  the other alarms have to go on
                        traceback.print_exc()

    def _evaluate(self, alarm: Any, act: Act) -> None:
        arn, now = alarm["AlarmArn"], time.monotonic()
        if now < self._due.get(arn, 0):
            return
        queries = alarm.get("Metrics") or [_single(alarm)]
        periods = [each["MetricStat"]["Period"] for each in queries if "MetricStat" in each]
        self._due[arn] = now + min(periods, default=FASTER) / FASTER
        try:
            value = alarm_math.value(queries, self._metric)
        except ValueError as error:
            self._warn(alarm, str(error))
            return
        state = self._state(alarm, value)
        self._tell(alarm, state, f"{value} against {alarm['Threshold']:g}")
        if alarm.get("ActionsEnabled", True) and value is not None:
            for action in alarm.get(ACTIONS[state]) or ():
                act(action, value - alarm["Threshold"])

    def _warn(self, alarm: Any, reason: str) -> None:
        """Say once what cannot be evaluated."""
        if alarm["AlarmArn"] not in self._said:
            self._said.add(alarm["AlarmArn"])
            sys.stderr.write(f"alarm {alarm['AlarmName']}: {reason}\n")

    def _state(self, alarm: Any, value: float | None) -> str:
        last: str = alarm["StateValue"]
        if value is None:
            return MISSING.get(alarm["TreatMissingData"], last)
        periods = alarm["EvaluationPeriods"]
        seen = self._seen.setdefault(alarm["AlarmArn"], deque(maxlen=periods))
        if seen.maxlen != periods:
            seen = self._seen[alarm["AlarmArn"]] = deque(seen, maxlen=periods)
        seen.append(BREACHES[alarm["ComparisonOperator"]](value, alarm["Threshold"]))
        return "ALARM" if sum(seen) >= alarm.get("DatapointsToAlarm", periods) else "OK"

    def _tell(self, alarm: Any, state: str, reason: str) -> None:
        last = alarm["StateValue"]
        if state == last:
            return
        alarm.update(StateValue=state, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
        self._cloudwatch._record_history(alarm["AlarmName"], last, state, reason)
        self._cloudwatch._dispatch_alarm_actions(alarm, last, state, reason)


def _single(alarm: Any) -> dict[str, Any]:
    """Return the query of an alarm of one metric."""
    names = ("MetricName", "Namespace", "Dimensions")
    metric = {name: alarm.get(name) for name in names}
    return {"Id": "m", "MetricStat": {"Metric": metric, "Period": alarm["Period"]}}
