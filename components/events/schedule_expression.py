"""Expressions of schedules, checked before EventBridge Scheduler sees them."""

import functools
import re
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from components.core.checks import matches, when

# https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
WEEKS = 5
RATE = re.compile(r"rate\(([1-9]\d*) (minute|hour|day)(s?)\)")
TIME_FORMAT = "%Y-%m-%dT%H:%M:%S"
FORMS = "cron(minutes hours day-of-month month day-of-week year), rate(value unit) or at(time)"


@dataclass(frozen=True, kw_only=True)
class CronField:
    """A field of a cron expression: its numbers, names for them, and what else it takes.

    A suffix stands behind a number: `15W` is the weekday nearest the 15th, `6L` the last Friday.
    """

    name: str
    least: int
    most: int
    names: tuple[str, ...] = ()
    special: str = ""
    suffix: str = ""

    def mistakes(self, text: str) -> Iterator[str]:
        """Yield what is wrong with the field, for each of its parts between commas."""
        if text in ("*", "?") and (text == "*" or "?" in self.special):
            return
        if "#" in text and "," in text:
            yield f"{self.name} is {text!r}: allowed is one day with #"
        for part in text.split(","):
            if not self._allows(part):
                yield f"{self.name} is {text!r}: allowed is {self._words()}"
                return

    def _allows(self, part: str) -> bool:
        if self._is_special(part):
            return True
        series, slash, step = part.partition("/")
        if slash and ("#" in self.special or not re.fullmatch(r"[1-9]\d*", step)):
            return False
        first, dash, last = series.partition("-")
        if dash:
            return self._has(first) and self._has(last)
        return self._has(first) or (bool(slash) and first == "*")

    def _is_special(self, part: str) -> bool:
        if part == "L":
            return "L" in self.special
        if "#" in self.special and "#" in part:
            day, _, week = part.partition("#")
            return self._has(day) and week.isdecimal() and 1 <= int(week) <= WEEKS
        return bool(self.suffix) and part.endswith(self.suffix) and self._has(part[:-1])

    def _has(self, text: str) -> bool:
        if text.upper() in self.names:
            return True
        return text.isdecimal() and text.isascii() and self.least <= int(text) <= self.most

    def _words(self) -> str:
        names = f", {self.names[0]} to {self.names[-1]}" if self.names else ""
        special = {"W": ", ?, L, 15W", "L": ", ?, L, 6L, 2#1"}.get(self.suffix, "")
        return f"{self.least} to {self.most}{names}, *, with - , and /{special}"


CRON_FIELDS = (
    CronField(name="minutes", least=0, most=59),
    CronField(name="hours", least=0, most=23),
    CronField(name="day of month", least=1, most=31, special="?L", suffix="W"),
    CronField(name="month", least=1, most=12, names=MONTHS),
    CronField(name="day of week", least=1, most=7, names=WEEKDAYS, special="?L#", suffix="L"),
    CronField(name="year", least=1970, most=2199),
)


def expression_mistakes(expression: str) -> Iterator[str | None]:
    """Yield what is wrong with an expression."""
    kind, _, rest = expression.partition("(")
    if kind not in ("cron", "rate", "at") or not rest.endswith(")"):
        yield f"expression is {expression!r}: allowed is {FORMS}"
    elif kind == "cron":
        yield from cron_mistakes(rest[:-1])
    elif kind == "rate":
        yield from _rate_mistakes(expression)
    else:
        yield time_mistake("time of at()", rest[:-1])


def cron_mistakes(fields: str) -> Iterator[str]:
    """Yield what is wrong with the six fields of a cron expression, as it stands in `cron()`."""
    parts = fields.split(" ")
    if len(parts) != len(CRON_FIELDS):
        words = ", ".join(each.name for each in CRON_FIELDS)
        yield f"cron is {fields!r}: allowed is six fields: {words}"
        return
    for each, part in zip(CRON_FIELDS, parts, strict=True):
        yield from each.mistakes(part)
    days = (parts[2], parts[4])
    if days.count("?") != 1:
        yield (
            f"day of month is {days[0]!r} and day of week {days[1]!r}: allowed is ? for one of "
            "the two"
        )


def _rate_mistakes(expression: str) -> Iterator[str | None]:
    found = RATE.fullmatch(expression)
    if not found:
        allowed = "rate(1 minute), or a number from 2 on with minutes, hours or days"
        yield f"expression is {expression!r}: allowed is {allowed}"
        return
    value, unit, plural = found.groups()
    needed = "" if value == "1" else "s"
    yield when(
        plural != needed, f"expression is {expression!r}: allowed is rate({value} {unit}{needed})"
    )


def time_mistake(name: str, text: str, ending: str = "") -> str | None:
    """Allow a time such as 2026-01-31T12:00:00, without a zone unless it has this ending."""
    try:
        datetime.strptime(text, TIME_FORMAT + ending)  # noqa: DTZ007  the zone is another input
    except ValueError:
        return f"{name} is {text!r}: allowed is a time such as 2026-01-31T12:00:00{ending}"
    return matches(name, text, r"\d{4}(-\d\d){2}T\d\d(:\d\d){2}Z?", "two digits for each part")


def timezone_mistake(timezone: str) -> str | None:
    """Allow a zone of the IANA database."""
    if timezone == "UTC" or timezone in _zones():
        return None
    return f"timezone is {timezone!r}: allowed is a name of the IANA database, Europe/Berlin, say"


@functools.cache
def _zones() -> set[str]:
    return zoneinfo.available_timezones()
