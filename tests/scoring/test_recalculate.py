"""Recalculation: all contacts by the rules in force, in chunks, in the background."""

from __future__ import annotations

from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_q.models import OrmQ

from tests.scoring.builders import act, attribute, held, make_contact, make_score
from wagtail_salesforce import background
from wagtail_salesforce.contacts.models import Activity, Contact
from wagtail_salesforce.scoring import points
from wagtail_salesforce.scoring.models import Rule, Score
from wagtail_salesforce.scoring.recalculate import (
    recalculate,
    recalculate_in_background,
    request_recalculation,
)
from wagtail_salesforce.signals import threshold_crossed


pytestmark = pytest.mark.django_db

Status = Score.Status
FORM = {"activity_type": "form_submission", "points": 3}
BOSS = {"field": "job_title", "test": "contains", "value": "Director", "points": 5}


def people(number):
    """Contacts with as many forms as their place in the list, recorded behind scoring's back."""
    contacts = [
        Contact(email=f"{n}@example.com", email_key=f"{n}@example.com", job_title="Director")
        for n in range(number)
    ]
    Contact.objects.bulk_create(contacts)
    contacts = list(Contact.objects.order_by("pk"))
    Activity.objects.bulk_create(
        Activity(contact=contact, type="form_submission")
        for n, contact in enumerate(contacts)
        for _form in range(n)
    )
    return contacts


def change_points(score, number):
    rule = score.rules.get(kind="activity")
    rule.points = number
    rule.save()
    score.refresh_from_db()


@pytest.mark.parametrize("chunk", [1, 3, 7, 2000])
def test_everybody_gets_the_points_of_the_rules(chunk):
    score = make_score(FORM, BOSS)
    contacts = people(7)
    assert recalculate(score, chunk) == 7
    assert [held(contact, score) for contact in contacts] == [5 + 3 * n for n in range(7)]
    assert (score.status, score.recalculated_at is not None) == (Status.READY, True)


def test_points_that_no_rule_gives_any_more_go():
    score = make_score(FORM, BOSS)
    contacts = people(3)
    recalculate(score)
    score.rules.all().delete()
    assert held(contacts[2], score) == 11
    recalculate(score)
    assert [held(contact, score) for contact in contacts] == [0, 0, 0]


@pytest.mark.parametrize(
    "change",
    [
        lambda score: change_points(score, 4),
        lambda score: score.rules.first().delete(),
        lambda score: Rule.objects.create(score=score, name="New", kind="activity", points=1),
    ],
)
def test_changing_the_rules_asks_for_a_recalculation(change):
    score = make_score(FORM, BOSS)
    assert score.status == Status.READY
    change(score)
    score.refresh_from_db()
    assert score.status == Status.RECALCULATION_REQUIRED


def test_switching_a_score_off_and_on_asks_for_a_recalculation():
    score = make_score(FORM)
    contact = make_contact()
    score.enabled = False
    score.save()
    act(contact, "form_submission")
    score.enabled = True
    score.save()
    score.refresh_from_db()
    assert (held(contact, score), score.status) == (None, Status.RECALCULATION_REQUIRED)
    recalculate(score)
    assert (held(contact, score), score.status) == (3, Status.READY)


def test_a_score_that_is_off_is_never_called_ready():
    score = make_score(FORM, enabled=False)
    recalculate(score)
    assert score.status == Status.RECALCULATION_REQUIRED


def test_old_points_serve_until_the_new_ones_are_there():
    score = make_score(FORM, BOSS)
    contacts = people(3)
    recalculate(score)
    change_points(score, 10)
    assert [held(contact, score) for contact in contacts] == [5, 8, 11]


def test_who_changes_while_a_recalculation_is_required_is_computed_wholly():
    score = make_score(FORM, BOSS)
    contact = make_contact(job_title="Director")
    act(contact, "form_submission")
    change_points(score, 10)
    contact.save(update_fields=["job_title"])
    assert held(contact, score) == 15


def test_no_crossing_is_told_twice_because_of_changed_rules():
    """A rule is replaced: the contact is above the limit before and after."""
    score = make_score(FORM, BOSS, notify_at=8)
    contact = make_contact(job_title="Director")
    crossings = mock.Mock()
    threshold_crossed.connect(crossings)
    try:
        act(contact, "form_submission")
        assert crossings.call_count == 1
        rule = score.rules.get(kind="activity")
        rule.delete()
        rule.pk = None
        rule.save(force_insert=True)
        contact.save()
        recalculate(score)
        recalculate(score)
        assert crossings.call_count == 1
    finally:
        threshold_crossed.disconnect(crossings)


def test_a_recalculation_overtaken_by_new_rules_ends_without_calling_itself_ready():
    score = make_score(FORM)
    people(4)
    original, seen = points.recompute, []

    def change_in_the_middle(*args):
        seen.append(args)
        if len(seen) == 2:
            change_points(score, 10)
        return original(*args)

    with mock.patch("wagtail_salesforce.scoring.recalculate.recompute", change_in_the_middle):
        assert recalculate(score, chunk=1) == 2
    assert score.status == Status.RECALCULATION_REQUIRED
    recalculate(score)
    assert score.status == Status.READY


def test_a_failure_is_told_and_what_was_done_stays():
    score = make_score(FORM)
    contacts = people(4)
    original, seen = points.recompute, []

    def fail_in_the_middle(*args):
        seen.append(args)
        if len(seen) == 3:
            raise RuntimeError("disk full")
        return original(*args)

    with (
        mock.patch("wagtail_salesforce.scoring.recalculate.recompute", fail_in_the_middle),
        pytest.raises(RuntimeError, match="disk full"),
    ):
        recalculate(score, chunk=1)
    assert score.status == Status.FAILED
    assert [held(contact, score) for contact in contacts] == [None, 3, None, None]
    recalculate(score)
    assert (held(contacts[3], score), score.status) == (9, Status.READY)


def test_the_request_waits_in_the_queue_and_the_task_does_the_work(
    django_capture_on_commit_callbacks,
):
    score = make_score(FORM)
    contacts = people(3)
    with django_capture_on_commit_callbacks(execute=True):
        change_points(score, 4)
        request_recalculation(score)
    queued = OrmQ.objects.get().task
    assert held(contacts[2], score) is None
    assert queued["func"] is background.perform
    assert background.perform(*queued["args"]) == {"state": "finished", "contacts": 3}
    assert held(contacts[2], score) == 8


def test_the_task_for_a_score_that_is_gone_does_nothing():
    assert recalculate_in_background(12345) == {"state": "finished", "contacts": 0}


def test_statements_per_chunk_are_constant():
    attribute("vip", "boolean")
    vip = {"source": "attribute", "field": "vip", "test": "is_true", "points": 1}
    window = {**FORM, "validity_amount": 1, "validity_unit": "years"}
    score = make_score(FORM, window, BOSS, vip)
    people(40)
    counts = []
    for chunk in (5, 10, 20):
        Score.objects.filter(pk=score.pk).update(status=Status.READY)
        with CaptureQueriesContext(connection) as queries:
            recalculate(score, chunk)
        ran = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
        counts.append((len(ran), 40 // chunk))
        score.rules.update(points=chunk)
    [(eight, _n), (four, _m), (two, _k)] = counts
    assert eight - four == 4 * 8
    assert four - two == 2 * 8
