"""The timers' schedules (pure): can each be read, and do they fire when there is something to look at?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta

from shared.app_settings import SCHEDULES
from shared.config import Settings
from shared.doctor.diagnosis import Area, Point, Verdict
from shared.doctor.surroundings import is_app
from shared.errors import ScheduleError
from shared.expectations import Target
from shared.schedule import Schedule, parse
from shared.text import plain
from shared.wording import say_instant, say_list, say_span

MORNING, HOURLY, REPORT = "SNAPSHOT_CURRENCY_SCHEDULE", "SNAPSHOT_CURRENCY_HOURLY_SCHEDULE", "MORNING_REPORT_SCHEDULE"
SERVICE_HEALTH = "SERVICE_HEALTH_SCHEDULE"
OFTEN_ENOUGH: Mapping[str, timedelta] = {
    "WORKSPACE_ACCESS_SCHEDULE": timedelta(hours=2),
    "APP_REGISTRATIONS_SCHEDULE": timedelta(hours=12),
    SERVICE_HEALTH: timedelta(hours=2),
    "DELIVERY_SCHEDULE": timedelta(minutes=10),
}
"""How long a timer may stay silent: twice as long as it usually does. The snapshots' two are judged together."""

SNAPSHOTS_OFTEN_ENOUGH = timedelta(hours=2)
SOON = timedelta(hours=1)
"""How long after a snapshot is due somebody should look; and how long after `report_at` the report should be made."""

_AHEAD = timedelta(days=8)  # a week and a day: schedules differ by day of the week
_UTC = frozenset({"", "utc", "etc/utc", "coordinated universal time"})
_ZONES = ("WEBSITE_TIME_ZONE", "TZ")
_ON = frozenset({"1", "true"})


def judge_schedules(
    settings: Settings, targets: Sequence[Target], environ: Mapping[str, str], now: datetime
) -> Iterable[Point]:
    """Judge the timers, in a Functions app or wherever a schedule is set; elsewhere an unset one is as usual."""
    set_here = {setting.name: environ.get(setting.name, "").strip() for setting in SCHEDULES}
    if not is_app(environ) and not any(set_here.values()):
        return
    read: dict[str, Schedule] = {}
    for setting in SCHEDULES:
        text = set_here[setting.name] or ("" if is_app(environ) else setting.usual or "")
        try:
            read[setting.name] = parse(text)
        except ScheduleError as error:
            why = f"{error}." if text else "It is not set, so the Functions host does not load its timer."
            yield Point(Area.SCHEDULES, setting.name, Verdict.FAILED, f"{why} Usual is {setting.usual}.")
    yield from (_one(name, schedule, targets, now) for name, schedule in read.items())
    if MORNING in read and HOURLY in read:
        yield from _snapshots(targets, (read[MORNING], read[HOURLY]), now)
    if REPORT in read:
        yield _report(settings.report.report_at, read[REPORT], now)
    yield from _switched_off(set_here, environ)
    yield from _local_time(environ)


def _one(name: str, schedule: Schedule, targets: Sequence[Target], now: datetime) -> Point:
    limit = OFTEN_ENOUGH.get(name)
    is_wanted = name != SERVICE_HEALTH or any(target.services for target in targets)
    if limit is not None and is_wanted and (silence := find_silence([schedule], limit, now)):
        return Point(Area.SCHEDULES, name, Verdict.WARNING, f"{schedule.text}. {_silent(*silence, limit)}")
    fires = f"{schedule.text}. It fires next at {say_instant(schedule.next_after(now))}."
    return Point(Area.SCHEDULES, name, Verdict.OK, fires)


def find_silence(schedules: Sequence[Schedule], limit: timedelta, now: datetime) -> tuple[datetime, datetime] | None:
    """Find a time longer than `limit`, in the next days, in which none fires; one a quarter longer is always found."""
    at = now
    while at < now + _AHEAD:
        fires = _next(schedules, at)
        if fires - at > limit:
            return _last(schedules, at - limit / 4, at), fires
        at = max(fires, at + limit / 4)
    return None


def _last(schedules: Sequence[Schedule], after: datetime, until: datetime) -> datetime:
    """Find when one of them fired last before `until`, or `after` where none did since."""
    while (fires := _next(schedules, after)) <= until:
        after = fires
    return after


def _next(schedules: Sequence[Schedule], at: datetime) -> datetime:
    return min(schedule.next_after(at) for schedule in schedules)


def _silent(start: datetime, end: datetime, limit: timedelta) -> str:
    return (
        f"It does not fire from {say_instant(start)} to {say_instant(end)}; more than {say_span(limit)} is too seldom."
    )


def _snapshots(targets: Sequence[Target], schedules: Sequence[Schedule], now: datetime) -> Iterator[Point]:
    """Judge both timers of the snapshots together: often enough, and soon after each target's due times."""
    what = "when snapshots are looked at"
    if silence := find_silence(schedules, SNAPSHOTS_OFTEN_ENOUGH, now):
        yield Point(Area.SCHEDULES, what, Verdict.WARNING, _silent(*silence, SNAPSHOTS_OFTEN_ENOUGH))
        return
    late = [said for due in _dues(targets) if (said := _late(due, targets, schedules, now))]
    if late:
        detail = f"The first look comes long after what is due: {say_list(late)}. Let {MORNING} or {HOURLY} fire then."
        yield Point(Area.SCHEDULES, what, Verdict.WARNING, detail)
    elif any(target.snapshots for target in targets):
        yield Point(Area.SCHEDULES, what, Verdict.OK, f"Within {say_span(SOON)} of each time at which one is due.")


def _dues(targets: Sequence[Target]) -> Sequence[time]:
    return sorted({expected.due for target in targets for expected in target.snapshots})


def _late(due: time, targets: Sequence[Target], schedules: Sequence[Schedule], now: datetime) -> str | None:
    due_at = _tomorrow(due, now)
    looks_at = _next(schedules, due_at - timedelta(seconds=1))
    if looks_at - due_at <= SOON:
        return None
    names = [target.name for target in targets if any(expected.due == due for expected in target.snapshots)]
    return f"{due:%H:%M} UTC ({say_list(names[:3])}), look at {looks_at:%H:%M} UTC"


def _tomorrow(at: time, now: datetime) -> datetime:
    return datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), at, tzinfo=UTC)


def _report(report_at: time | None, schedule: Schedule, now: datetime) -> Point:
    what = "the morning report"
    if report_at is None:
        return Point(Area.SCHEDULES, what, Verdict.OK, 'It is off: report_at = "off".')
    wanted_at = _tomorrow(report_at, now)
    made_at = schedule.next_after(wanted_at - timedelta(seconds=1))
    if made_at.date() != wanted_at.date():
        detail = f"It is never made: {REPORT} does not fire between {report_at:%H:%M} UTC and midnight."
        return Point(Area.SCHEDULES, what, Verdict.FAILED, detail)
    if made_at - wanted_at > SOON:
        detail = f"It is wanted at {report_at:%H:%M} UTC, and {REPORT} fires then only at {made_at:%H:%M} UTC."
        return Point(Area.SCHEDULES, what, Verdict.WARNING, detail)
    return Point(Area.SCHEDULES, what, Verdict.OK, f"It is made at {made_at:%H:%M} UTC.")


def _switched_off(names: Iterable[str], environ: Mapping[str, str]) -> Iterator[Point]:
    """Tell of timers that the Functions host was told not to run. Linux makes the setting's dots underscores."""
    for name in names:
        function = name.removesuffix("_SCHEDULE").lower()
        for setting in (f"AzureWebJobs.{function}.Disabled", f"AzureWebJobs_{function}_Disabled"):
            if environ.get(setting, "").strip().lower() in _ON:
                yield Point(Area.SCHEDULES, function, Verdict.WARNING, f"It is switched off: remove {setting}.")


def _local_time(environ: Mapping[str, str]) -> Iterator[Point]:
    """Tell of a time zone that is set: the host would read every schedule in it."""
    for name in _ZONES:
        zone = environ.get(name, "").strip()
        if zone.lower() not in _UTC:
            detail = (
                f"It is {plain(zone, 60)}: schedules may be read in that time, and all else here is UTC. Remove it."
            )
            yield Point(Area.SCHEDULES, name, Verdict.WARNING, detail)
