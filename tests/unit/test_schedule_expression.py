import re
from typing import Any

import pytest

from components.events.schedule_expression import (
    cron_mistakes,
    expression_mistakes,
    time_mistake,
    timezone_mistake,
)


def mistakes(expression: str) -> list[str]:
    return [each for each in expression_mistakes(expression) if each]


@pytest.mark.parametrize(
    "fields",
    [
        "0 12 * * ? *",
        "0/15 * * * ? *",
        "*/5 0 * * ? *",
        "0,30 8-17/2 ? * MON-FRI *",
        "59 23 31 12 ? 2199",
        "0 0 1 1 ? 1970",
        "15 10 ? * 6L 2026-2027",
        "0 0 L * ? *",
        "0 0 15W * ? *",
        "0 0 1,15 JAN,jul ? *",
        "0 0 ? * 2#1 *",
        "0 0 ? * fri#5 *",
        "0 0 ? 2-12/2 L *",
        "0 0 ? * SUN,WED-FRI *",
    ],
)
def test_what_scheduler_takes_is_let_through(fields: str) -> None:
    assert not mistakes(f"cron({fields})")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("60 0 * * ? *", "minutes is '60': allowed is 0 to 59"),
        ("0 24 * * ? *", "hours is '24': allowed is 0 to 23"),
        ("0 0 0 * ? *", "day of month is '0': allowed is 1 to 31"),
        ("0 0 32 * ? *", "day of month is '32': allowed is 1 to 31"),
        ("0 0 1-40 * ? *", "day of month is '1-40': allowed is"),
        ("0 0 32W * ? *", "day of month is '32W': allowed is"),
        ("0 0 L-3 * ? *", "day of month is 'L-3': allowed is"),
        ("0 0 * 13 ? *", "month is '13': allowed is 1 to 12, JAN to DEC"),
        ("0 0 * L ? *", "month is 'L': allowed is"),
        ("0 0 ? * 0 *", "day of week is '0': allowed is 1 to 7, SUN to SAT"),
        ("0 0 ? * MOX *", "day of week is 'MOX': allowed is"),
        ("0 0 ? * 2#6 *", "day of week is '2#6': allowed is"),
        ("0 0 ? * 2#1,3#1 *", "day of week is '2#1,3#1': allowed is one day with #"),
        ("0 0 ? * 2/2 *", "day of week is '2/2': allowed is"),
        ("0 0 ? * 15W *", "day of week is '15W': allowed is"),
        ("0 0 * * ? 1969", "year is '1969': allowed is 1970 to 2199"),
        ("0 0 * * ? 2200", "year is '2200': allowed is 1970 to 2199"),
        ("? 0 * * ? *", "minutes is '?': allowed is"),
        ("*/0 0 * * ? *", "minutes is '*/0': allowed is"),
        ("0/5/5 0 * * ? *", "minutes is '0/5/5': allowed is"),
        (", 0 * * ? *", "minutes is ',': allowed is"),
        ("² 0 * * ? *", "minutes is '²': allowed is"),
        ("0 0 * * * *", "day of month is '*' and day of week '*': allowed is ? for one"),
        ("0 0 ? * ? *", "day of month is '?' and day of week '?': allowed is ? for one"),
        ("0 0 1 * MON *", "day of month is '1' and day of week 'MON': allowed is ? for one"),
        ("0 0 * * ?", "cron is '0 0 * * ?': allowed is six fields: minutes, hours"),
        ("0  0 * * ? *", "allowed is six fields"),
    ],
)
def test_a_wrong_field_is_named(fields: str, said: str) -> None:
    (first, *_) = mistakes(f"cron({fields})")
    assert said in first


def test_all_mistakes_of_a_cron_are_told_at_once() -> None:
    assert len(list(cron_mistakes("60 24 * * * *"))) == 3


@pytest.mark.parametrize("rate", ["1 minute", "2 minutes", "15 minutes", "1 hour", "365 days"])
def test_a_rate_has_a_unit_that_fits_its_value(rate: str) -> None:
    assert not mistakes(f"rate({rate})")


@pytest.mark.parametrize(
    ("rate", "said"),
    [
        ("1 minutes", "allowed is rate(1 minute)"),
        ("2 hour", "allowed is rate(2 hours)"),
        ("0 minutes", "allowed is rate(1 minute), or a number"),
        ("-1 day", "allowed is rate(1 minute), or a number"),
        ("1.5 hours", "allowed is rate(1 minute), or a number"),
        ("10 seconds", "allowed is rate(1 minute), or a number"),
        ("5minutes", "allowed is rate(1 minute), or a number"),
    ],
)
def test_a_rate_that_scheduler_refuses_is_refused(rate: str, said: str) -> None:
    (mistake,) = mistakes(f"rate({rate})")
    assert mistake.startswith(f"expression is 'rate({rate})': {said}")


@pytest.mark.parametrize("time", ["2026-01-31T12:00:00", "2028-02-29T23:59:59"])
def test_one_time_is_a_time_without_a_zone(time: str) -> None:
    assert not mistakes(f"at({time})")


@pytest.mark.parametrize(
    "time",
    [
        *("tomorrow", "2026-01-31", "2026-01-31T12:00", "2026-02-29T12:00:00"),
        *("2026-01-31T24:00:00", "2026-01-31T12:00:00Z", "2026-1-31T12:00:00", ""),
    ],
)
def test_another_time_is_refused(time: str) -> None:
    (mistake,) = mistakes(f"at({time})")
    assert mistake.startswith(f"time of at() is '{time}': allowed is")


@pytest.mark.parametrize("text", ["", "hourly", "0 12 * * ? *", "cron(0 12 * * ? *", "every(1)"])
def test_an_expression_has_one_of_three_forms(text: str) -> None:
    (mistake,) = mistakes(text)
    assert mistake.startswith(f"expression is {text!r}: allowed is cron(minutes hours")


def test_a_time_in_utc_ends_with_a_z() -> None:
    assert time_mistake("end_date", "2026-01-31T12:00:00Z", "Z") is None
    said: Any = time_mistake("end_date", "2026-01-31T12:00:00", "Z")
    assert re.match(r"end_date is '2026-01-31T12:00:00': allowed is .*00Z", said)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"])
def test_zones_of_the_iana_database_are_known(zone: str) -> None:
    assert timezone_mistake(zone) is None


@pytest.mark.parametrize("zone", ["", "Berlin", "Europe", "+01:00", "../etc/passwd"])
def test_another_zone_is_refused(zone: str) -> None:
    assert timezone_mistake(zone) == (
        f"timezone is {zone!r}: allowed is a name of the IANA database, Europe/Berlin, say"
    )
