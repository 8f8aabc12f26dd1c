"""What happens while a score is recalculated, and what is told of it."""

from __future__ import annotations

import pytest
from django.db.models import Q

from tests.scoring.builders import (
    FORM,
    act,
    change_points,
    crossings,
    held,
    in_the_middle,
    make_contact,
    make_score,
    people,
)
from wagtail_salesforce.contacts.merge import merge
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.scoring import stages
from wagtail_salesforce.scoring.models import Score, ScorePoints
from wagtail_salesforce.scoring.recalculate import recalculate
from wagtail_salesforce.scoring.settle import settle
from wagtail_salesforce.scoring.tell import PointsChange
from wagtail_salesforce.scoring.update import refresh_expired
from wagtail_salesforce.signals import points_changed


pytestmark = pytest.mark.django_db

Status = Score.Status


def test_a_recalculation_overtaken_by_new_rules_begins_anew():
    score = make_score(FORM)
    contacts = people(4)
    with in_the_middle(2, lambda: change_points(score, 10)):
        assert recalculate(score, chunk=1) == 4
    assert score.status == Status.READY
    assert [held(contact, score) for contact in contacts] == [None, 10, 20, 30]
    assert not ScorePoints.objects.exclude(generation=score.generation).exists()


def test_old_points_are_in_force_until_those_of_everybody_are_complete():
    score = make_score(FORM)
    contacts = people(4)
    recalculate(score)
    change_points(score, 10)
    seen = []

    def look():
        seen.append([held(contact, score) for contact in contacts])

    with in_the_middle(4, look):
        recalculate(score, chunk=1)
    assert seen == [[None, 3, 6, 9]]
    assert [held(contact, score) for contact in contacts] == [None, 10, 20, 30]


def test_who_changes_meanwhile_is_counted_by_the_new_rules_and_once():
    """Whether the recalculation has come past the contact or not."""
    score = make_score(FORM, notify_at=40)
    contacts = people(4)
    recalculate(score)
    change_points(score, 10)

    def submit():
        for contact in contacts:
            act(contact, "form_submission")
        make_contact("new@example.com", job_title="Clerk")
        act(Contact.objects.latest("pk"), "form_submission")

    with crossings() as told, in_the_middle(3, submit):
        recalculate(score, chunk=1)
    assert [held(contact, score) for contact in contacts] == [10, 20, 30, 40]
    assert held(Contact.objects.latest("pk"), score) == 10
    assert told == [(contacts[3].pk, 40)]
    assert not ScorePoints.objects.exclude(generation=score.generation).exists()


@pytest.mark.parametrize("step", [1, 2, 3, 4])
@pytest.mark.parametrize(("survivor", "other"), [(1, 3), (3, 1)])
def test_people_merged_meanwhile_hold_the_points_of_both_by_the_new_rules(step, survivor, other):
    """Wherever the recalculation is: before both of them, between them, or past both."""
    score = make_score(FORM, notify_at=40)
    contacts = people(4)
    recalculate(score)
    change_points(score, 10)

    def join():
        merge(contacts[survivor].pk, contacts[other].pk)

    with crossings() as told, in_the_middle(step, join):
        recalculate(score, chunk=1)
    assert held(contacts[survivor], score) == 40
    assert told == [(contacts[survivor].pk, 40)]
    assert not ScorePoints.objects.exclude(generation=score.generation).exists()
    assert ScorePoints.objects.in_force(score).count() == 2


def test_who_changes_after_the_switch_and_before_the_rest_is_told_is_told_once():
    score = make_score(FORM, notify_at=25)
    contacts = people(3)
    recalculate(score)
    change_points(score, 10)
    with crossings() as told:
        place = None
        while place is None or place.stage != stages.SETTLE:
            place = stages.advance(score.pk, place).place
        assert [held(contact, score) for contact in contacts] == [None, 10, 20]
        assert told == []
        act(contacts[2], "form_submission")
        assert told == [(contacts[2].pk, 30)]
        while place is not None:
            place = stages.advance(score.pk, place).place
        assert told == [(contacts[2].pk, 30)]
    score.refresh_from_db()
    assert (score.status, score.former_generation) == (Status.READY, None)


def test_differences_are_told_when_everything_is_complete():
    score = make_score(FORM, notify_at=20)
    contacts = people(3)
    recalculate(score)
    change_points(score, 10)
    changes = []

    def receiver(changes, told=changes, **kwargs):
        told.extend(changes)

    points_changed.connect(receiver)
    try:
        with crossings() as told:
            recalculate(score, chunk=2)
            recalculate(score, chunk=2)
    finally:
        points_changed.disconnect(receiver)
    assert changes == [
        PointsChange(score.pk, contacts[1].pk, 3, 10),
        PointsChange(score.pk, contacts[2].pk, 6, 20),
    ]
    assert told == [(contacts[2].pk, 20)]


def test_moving_the_limit_is_no_crossing():
    score = make_score(FORM, notify_at=1000)
    people(3)
    recalculate(score)
    Score.objects.update(notify_at=3)
    with crossings() as told:
        recalculate(score)
    assert told == []


@pytest.mark.parametrize("stage", [stages.BUILD, stages.SETTLE])
def test_points_nobody_could_see_are_found_when_points_expire(stage):
    """A person made by a transaction that began before and ended after the recalculation."""
    score = make_score(FORM, notify_at=3)
    contact = people(2)[1]
    recalculate(score)
    recalculate(score)
    ScorePoints.objects.filter(contact=contact).update(generation=1)
    assert held(contact, score) is None
    with crossings() as told:
        if stage == stages.SETTLE:
            settle(score, Q())
        else:
            refresh_expired()
    assert held(contact, score) == 3
    assert told == []
    assert not ScorePoints.objects.exclude(generation=score.generation).exists()


def test_two_at_once_do_not_take_turns():
    score = make_score(FORM)
    contacts = people(4)
    with in_the_middle(2, lambda: recalculate(Score.objects.get(pk=score.pk))):
        recalculate(score, chunk=1)
    assert score.status == Status.READY
    assert held(contacts[3], score) == 9
