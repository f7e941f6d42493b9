"""Rows: what is written comes back as it was, and what is no row of ours is said to be none."""

import json
import math
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import LedgerError
from shared.incident import Incident, Moment, Reason, Told
from shared.ledger import codec
from shared.model import Finding, Remedy, Severity, Silenced, Subject, SubjectKind, Transition, TransitionKind
from tests.incidents import CHECK, START, a_finding

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
instants = st.datetimes(timezones=st.just(UTC))
evidence = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    texts,
    st.lists(texts, max_size=3),
)
findings = st.builds(
    Finding,
    id=texts,
    family=texts,
    target=texts,
    severity=st.sampled_from(Severity),
    subject=st.builds(Subject, st.sampled_from(SubjectKind), texts, st.none() | texts, st.none() | texts),
    title=texts,
    detail=texts,
    remedy=st.builds(Remedy, st.lists(texts, max_size=3).map(tuple), st.none() | texts),
    due_at=st.none() | instants,
    stage=st.integers(0, 100),
    evidence=st.dictionaries(texts, evidence, max_size=4),
    explained_by=st.lists(texts, max_size=3).map(tuple),
    silenced=st.none() | st.builds(Silenced, instants, texts),
)
transitions = st.builds(Transition, st.sampled_from(TransitionKind), findings, instants)
moments = st.builds(Moment, instants, st.sampled_from(Reason), st.sampled_from(Severity), texts)
incidents = st.builds(
    Incident,
    check=texts,
    finding=findings,
    opened_at=instants,
    resolved_at=st.none() | instants,
    gone_at=st.none() | instants,
    told=st.none() | st.builds(Told, st.sampled_from(Severity), st.integers(0, 100), instants),
    returns=st.integers(0, 100),
    history=st.lists(moments, max_size=4).map(tuple),
)


def kinds_of(finding: Finding) -> list[type]:
    return [type(value) for value in finding.evidence.values()]


@settings(deadline=None)
@given(findings)
def test_a_finding_comes_back_as_it_was(finding: Finding) -> None:
    back = codec.decode_finding(codec.encode_finding(finding))
    assert back == finding
    assert back.fingerprint == finding.fingerprint
    assert kinds_of(back) == kinds_of(finding)
    assert type(back.severity) is Severity
    assert type(back.explained_by) is tuple


@settings(deadline=None)
@given(transitions)
def test_a_transition_comes_back_with_its_id(transition: Transition) -> None:
    back = codec.decode_transition(codec.encode_transition(transition))
    assert back == transition
    assert back.id == transition.id


@settings(deadline=None)
@given(incidents)
def test_an_incident_comes_back_as_it_was(incident: Incident) -> None:
    body = codec.encode_incident(incident)
    back = codec.decode_incident(body)
    assert back == incident
    assert codec.encode_incident(back) == body


@given(st.none() | instants, st.none() | instants)
def test_the_record_of_a_check_comes_back_as_it_was(passed_at: datetime | None, good_at: datetime | None) -> None:
    assert codec.decode_passed(codec.encode_passed(passed_at, good_at)) == (passed_at, good_at)


def an_incident() -> Incident:
    return Incident(check=CHECK, finding=a_finding(), opened_at=START, told=Told(Severity.ERROR, 0, START))


def changed(change: Callable[[dict[str, object]], object]) -> bytes:
    row = json.loads(codec.encode_incident(an_incident()))
    change(row["body"])
    return json.dumps(row).encode()


def test_every_body_names_its_version() -> None:
    assert json.loads(codec.encode_incident(an_incident()))["v"] == 1
    assert json.loads(codec.encode_passed(START, None))["v"] == 1


def test_fields_that_are_not_known_are_passed_over() -> None:
    assert codec.decode_incident(changed(lambda body: body.update(mood="good"))) == an_incident()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"SQLite format 3\x00",
        b'{"v":1}',
        b'{"v":"1","body":{}}',
        b'{"v":1,"body":{}}',
        b'{"v":1,"body":[]}',
        codec.encode_finding(a_finding()),
        codec.encode_passed(START, START),
        codec.encode_incident(an_incident())[:-3],
        changed(lambda body: body.update(opened_at="2026-11-22T08:00:00")),
        changed(lambda body: body.update(opened_at="yesterday")),
        changed(lambda body: body.update(told={"severity": "dire", "stage": 0, "at": "2026-11-22T08:00:00Z"})),
        changed(lambda body: body.pop("finding")),
    ],
)
def test_what_is_no_incident_is_said_to_be_none_and_where(body: bytes) -> None:
    with pytest.raises(LedgerError, match=r"i\|app\|f of contoso holds no incident: .+\. Nothing was changed\."):
        codec.decode_incident(body, "i|app|f of contoso")


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_a_record_or_a_ledger_error(body: bytes) -> None:
    with pytest.raises(LedgerError):
        codec.decode_incident(body)


def test_an_incident_is_no_record_of_a_check() -> None:
    with pytest.raises(LedgerError, match="holds no record of a check"):
        codec.decode_passed(codec.encode_incident(an_incident()))


def test_a_newer_version_is_named_even_where_its_body_is_another() -> None:
    with pytest.raises(LedgerError, match=r"c\|x is of version 2, and this Dawnwatch knows versions up to 1"):
        codec.decode_passed(b'{"v":2,"body":["quite","another"]}', "c|x")


def test_half_a_character_is_not_written() -> None:
    with pytest.raises(LedgerError, match="finding cannot be written down"):
        codec.encode_finding(replace(a_finding(), detail="\ud800"))


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_number_that_is_none_is_written_as_nothing(value: float) -> None:
    body = codec.encode_finding(replace(a_finding(), evidence={"odd": value}))
    assert codec.decode_finding(body).evidence == {"odd": None}


def test_another_time_zone_stays_the_same_instant() -> None:
    at = START.astimezone(timezone(timedelta(hours=2)))
    assert codec.decode_passed(codec.encode_passed(at, None)) == (START, None)


def test_two_thousand_incidents_a_second_each_way_and_more() -> None:
    incident, count = an_incident(), 10_000
    begin = time.process_time()
    for _ in range(count):
        codec.decode_incident(codec.encode_incident(incident))
    assert time.process_time() - begin < count / 2_000
