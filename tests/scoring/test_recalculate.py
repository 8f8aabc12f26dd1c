"""Recalculation: all contacts by the rules in force, in chunks, in the background."""

from __future__ import annotations

from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.scoring.builders import (
    FORM,
    act,
    attribute,
    change_points,
    crossings,
    held,
    in_the_middle,
    make_contact,
    make_score,
    people,
    rule_row,
)
from wagtail_salesforce.scoring import stages
from wagtail_salesforce.scoring.models import Rule, Score, ScorePoints
from wagtail_salesforce.scoring.reasons import explain
from wagtail_salesforce.scoring.recalculate import recalculate
from wagtail_salesforce.signals import threshold_crossed


pytestmark = pytest.mark.django_db

Status = Score.Status
BOSS = {"field": "job_title", "test": "contains", "value": "Director", "points": 5}


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


@pytest.mark.parametrize("status", [Status.RECALCULATION_REQUIRED, Status.FAILED])
def test_changed_rules_count_for_nobody_before_the_recalculation(status):
    """Neither points, nor a rule that is gone, nor a new one; whatever the contact does."""
    score = make_score(FORM, BOSS)
    contact = make_contact(job_title="Director")
    change_points(score, 10)
    score.rules.get(kind="attribute").delete()
    rule_row(name="New", activity_type="form_submission", points=1000, score=score).save()
    Score.objects.update(status=status)
    act(contact, "form_submission")
    contact.save()
    assert held(contact, score) == 8
    assert [reason.points for reason in explain(contact, score)] == [8 - 5, 5]
    recalculate(score)
    assert held(contact, score) == 1010
    assert [reason.points for reason in explain(contact, score)] == [10, 1000]


def test_all_rules_in_force_count_when_all_are_deleted():
    score = make_score(FORM, BOSS)
    contact = make_contact(job_title="Director")
    score.rules.all().delete()
    act(contact, "form_submission")
    assert held(contact, score) == 8
    recalculate(score)
    act(contact, "form_submission")
    assert held(contact, score) == 0


def test_before_the_first_recalculation_rules_count_at_once():
    score = Score.objects.create(name="New")
    rule_row(**FORM, score=score).save()
    contact = make_contact()
    act(contact, "form_submission")
    change_points(score, 10)
    act(contact, "form_submission")
    assert held(contact, score) == 20
    assert [reason.points for reason in explain(contact, score)] == [20]


def test_while_it_is_recalculated_both_old_and_new_points_are_kept():
    score = make_score(FORM)
    contacts = people(3)
    recalculate(score)
    change_points(score, 10)
    seen = []

    def submit():
        for contact in contacts:
            act(contact, "form_submission")
        seen.append([held(contact, score) for contact in contacts])

    with in_the_middle(2, submit):
        recalculate(score, chunk=1)
    assert seen == [[3, 6, 9]]
    assert [held(contact, score) for contact in contacts] == [10, 20, 30]


def test_a_change_that_is_taken_back_tells_no_crossing_again():
    score = make_score({**FORM, "points": 10}, notify_at=20)
    contact = make_contact()
    with crossings() as told:
        act(contact, "form_submission")
        act(contact, "form_submission")
        change_points(score, 1)
        contact.save()
        act(contact, "page_visit")
        change_points(score, 10)
        act(contact, "form_submission")
        recalculate(score)
    assert told == [(contact.pk, 20)]
    assert held(contact, score) == 30


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


def test_a_failure_leaves_the_old_points_in_force():
    score = make_score(FORM)
    contacts = people(4)
    recalculate(score)
    change_points(score, 10)

    def fail():
        raise RuntimeError("disk full")

    with in_the_middle(3, fail), pytest.raises(RuntimeError, match="disk full"):
        recalculate(score, chunk=1)
    assert score.status == Status.FAILED
    assert [held(contact, score) for contact in contacts] == [None, 3, 6, 9]
    recalculate(score)
    assert (held(contacts[3], score), score.status) == (30, Status.READY)
    assert not ScorePoints.objects.exclude(generation=score.generation).exists()


def test_a_score_that_goes_meanwhile_ends_it():
    score = make_score(FORM)
    people(3)
    place = stages.advance(score.pk, None).place
    Score.objects.get(pk=score.pk).delete()
    assert stages.advance(score.pk, place).place is None


def test_statements_per_chunk_are_constant():
    attribute("vip", "boolean")
    vip = {"source": "attribute", "field": "vip", "test": "is_true", "points": 1}
    window = {**FORM, "validity_amount": 1, "validity_unit": "years"}
    score = make_score(FORM, window, BOSS, vip)
    people(40)
    counts = []
    for chunk in (5, 10, 20):
        with CaptureQueriesContext(connection) as queries:
            recalculate(score, chunk)
        ran = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
        counts.append(len([sql for sql in ran if "leadlink" not in sql]))
    eight, four, two = counts
    assert eight - four == 2 * (four - two)
    # Built in eleven, settled in seven.
    assert four - two <= 2 * (11 + 7)
