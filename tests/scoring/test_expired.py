"""Points expire to the moment, with their own activity."""

from __future__ import annotations

from ast import literal_eval
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import Schedule

from tests.scoring.builders import act, held, make_contact, make_score, moment, row
from wagtail_salesforce.background import perform
from wagtail_salesforce.contacts.capture import capture
from wagtail_salesforce.contacts.changes import gather_changes
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.replication.schedule import EXPIRED, keep_schedule
from wagtail_salesforce.scoring import expiry
from wagtail_salesforce.scoring.models import Score, ScorePoints
from wagtail_salesforce.scoring.queries import contacts_with_points
from wagtail_salesforce.scoring.recalculate import recalculate
from wagtail_salesforce.scoring.update import PointsChange, refresh_expired
from wagtail_salesforce.signals import points_changed


pytestmark = pytest.mark.django_db

MONTH = {
    "activity_type": "form_submission",
    "points": 3,
    "validity_amount": 1,
    "validity_unit": "months",
}
START = moment("2026-01-31T09:00:00")


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def test_points_go_when_their_activity_is_a_month_old(clock):
    score = make_score(MONTH)
    contact = capture(email="ada@example.com", title="Quote")
    clock.move_to(moment("2026-02-10T09:00:00"))
    capture(email="ada@example.com", title="Quote")
    assert (held(contact, score), row(contact, score).expires_at) == (
        6,
        moment("2026-02-28T09:00:00"),
    )
    clock.move_to(moment("2026-02-28T08:59:59"))
    assert refresh_expired() == 0
    clock.move_to(moment("2026-02-28T09:00:00"))
    assert refresh_expired() == 1
    assert held(contact, score) == 3
    clock.move_to(moment("2026-03-10T09:00:00"))
    assert refresh_expired() == 1
    assert (held(contact, score), row(contact, score).expires_at) == (0, None)
    assert refresh_expired() == 0


def test_points_until_a_date_go_together(clock):
    until = {"activity_type": "purchase", "points": 1, "per": "value"}
    score = make_score({**until, "valid_until": START + timedelta(days=3)})
    contact = make_contact()
    act(contact, value=10)
    act(contact, value=20)
    clock.shift(timedelta(days=3))
    assert refresh_expired() == 1
    assert held(contact, score) == 0


def test_a_change_elsewhere_also_settles_what_has_expired(clock):
    score = make_score(MONTH, {"activity_type": "page_visit", "points": 1})
    contact = make_contact()
    act(contact, "form_submission")
    clock.move_to(moment("2026-04-01T09:00:00"))
    act(contact, "page_visit")
    assert (held(contact, score), row(contact, score).expires_at) == (1, None)


def test_an_activity_recorded_late_is_as_old_as_it_is(clock):
    score = make_score(MONTH)
    contact = make_contact()
    act(contact, "form_submission", occurred_at=START - timedelta(days=40))
    assert held(contact, score) is None
    act(contact, "form_submission", occurred_at=START - timedelta(days=20))
    assert held(contact, score) == 3


def test_expiry_is_told(clock):
    score = make_score(MONTH)
    contact = make_contact()
    act(contact, "form_submission")
    calls = []

    def receiver(changes, **kwargs):
        calls.append(changes)

    points_changed.connect(receiver)
    try:
        clock.move_to(moment("2026-04-01T09:00:00"))
        refresh_expired()
    finally:
        points_changed.disconnect(receiver)
    assert calls == [[PointsChange(score.pk, contact.pk, 3, 0)]]


def test_the_limit_bounds_the_work_and_the_rest_follows(clock):
    score = make_score(MONTH)
    contacts = [make_contact(f"{number}@example.com") for number in range(5)]
    with gather_changes():
        for contact in contacts:
            act(contact, "form_submission")
    clock.move_to(moment("2026-04-01T09:00:00"))
    assert [refresh_expired(limit=2) for _call in range(4)] == [2, 2, 1, 0]
    assert {held(contact, score) for contact in contacts} == {0}


def test_points_that_should_have_been_looked_at_count_for_nobody(clock):
    score = make_score(MONTH, {"activity_type": "page_visit", "points": 1})
    contact = make_contact()
    act(contact, "form_submission")
    act(contact, "page_visit")
    assert list(contacts_with_points(score, 1)) == [contact]
    clock.move_to(moment("2026-04-01T09:00:00"))
    assert list(contacts_with_points(score, 1)) == []
    assert list(contacts_with_points(score, 0)) == []
    refresh_expired()
    assert list(contacts_with_points(score, 1)) == [contact]


def test_a_score_that_is_off_is_left_alone(clock):
    score = make_score(MONTH)
    contact = make_contact()
    act(contact, "form_submission")
    Score.objects.update(enabled=False)
    clock.move_to(moment("2026-04-01T09:00:00"))
    assert refresh_expired() == 0
    assert held(contact, score) == 3


def test_expiry_in_a_score_that_waits_for_its_recalculation_is_by_the_rules_in_force(clock):
    score = make_score(MONTH, {"activity_type": "page_visit", "points": 1})
    contact = make_contact()
    act(contact, "form_submission")
    act(contact, "page_visit")
    visit = score.rules.get(activity_type="page_visit")
    visit.points = 50
    visit.save()
    clock.move_to(moment("2026-04-01T09:00:00"))
    refresh_expired()
    assert held(contact, score) == 1
    recalculate(score)
    assert held(contact, score) == 50


@pytest.mark.parametrize("number", [1, 40])
def test_the_statements_are_as_many_for_many_contacts(clock, number):
    make_score(MONTH)
    with gather_changes():
        for each in range(number):
            act(make_contact(f"{each}@example.com"), "form_submission")
    clock.move_to(moment("2026-04-01T09:00:00"))
    with CaptureQueriesContext(connection) as queries:
        assert refresh_expired(timezone.now()) == number
    ran = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    lock = 1 if connection.features.has_select_for_update else 0
    # The scores; rows of former generations; who has expired points, twice; the
    # score with its rules; the contacts; their activities; the new points; the due marks.
    assert len(ran) == 9 + lock
    assert not ScorePoints.objects.filter(expires_at__lte=timezone.now()).exists()


def test_points_expire_by_a_schedule_of_their_own(clock, monkeypatch):
    """Nothing is replicated here: there is no connection, and replication is off."""
    monkeypatch.setattr(expiry, "PORTION", 2)
    score = make_score(MONTH)
    contacts = [make_contact(f"{number}@example.com") for number in range(5)]
    for contact in contacts:
        act(contact, "form_submission")
    keep_schedule(ReplicationSettings.load())
    schedule = Schedule.objects.get(name=EXPIRED)
    assert (schedule.minutes, ReplicationSettings.load().enabled) == (1, False)
    clock.move_to(moment("2026-04-01T09:00:00"))
    assert perform(*literal_eval(schedule.args)) == {"state": "finished", "contacts": 5}
    assert {held(contact, score) for contact in contacts} == {0}


def test_with_nothing_expired_the_schedule_costs_three_statements(django_assert_num_queries):
    act(make_contact(), "form_submission")
    make_score(MONTH)
    make_score(MONTH, name="Off", enabled=False)
    with django_assert_num_queries(3):
        expiry.refresh_on_schedule()


def test_the_schedule_ends_with_its_slice_of_time(clock, monkeypatch):
    monkeypatch.setattr(expiry, "PORTION", 1)
    monkeypatch.setattr(expiry, "SLICE_SECONDS", 0)
    make_score(MONTH)
    for number in range(3):
        act(make_contact(f"{number}@example.com"), "form_submission")
    clock.move_to(moment("2026-04-01T09:00:00"))
    found = [expiry.refresh_on_schedule()["contacts"] for _run in range(4)]
    assert found == [1, 1, 1, 0]
