"""Nobody's points get lost when many things happen at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from django.db import connection, transaction

from tests.scoring.builders import act, held, make_contact, make_score
from wagtail_salesforce.contacts.capture import capture
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.scoring.inforce import lock
from wagtail_salesforce.scoring.models import Score
from wagtail_salesforce.scoring.recalculate import recalculate


pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not connection.features.has_select_for_update,
        reason="in memory, SQLite is one connection; elsewhere it has one writer at a time",
    ),
]

FORM = {"activity_type": "form_submission", "points": 3}
BUY = {"activity_type": "purchase", "points": 1, "per": "value"}
WINDOW = {**FORM, "validity_amount": 1, "validity_unit": "years"}


def at_once(*tasks):
    """Run all tasks at the same time, each on a connection of its own; their results."""
    barrier = threading.Barrier(len(tasks))

    def run(task):
        with closing(connection):
            barrier.wait(timeout=20)
            return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def test_submissions_of_one_person_at_once():
    score = make_score(FORM, WINDOW)
    capture(email="ada@example.com", title="First")
    at_once(*[lambda: capture(email="ada@example.com", title="Quote") for _each in range(6)])
    assert held(Contact.objects.get(), score) == 7 * 6


def test_first_submissions_of_many_people_at_once():
    score = make_score(FORM, BUY)

    def person(number):
        return lambda: capture(email=f"{number}@example.com", activity="purchase", value=number)

    at_once(*[person(number) for number in range(1, 9)])
    points = sorted(held(contact, score) for contact in Contact.objects.all())
    assert points == list(range(1, 9))


def test_activities_saved_by_other_doors_at_once():
    score, contact = make_score(BUY), make_contact()
    at_once(*[lambda: act(contact, value=10) for _each in range(6)])
    assert held(contact, score) == 60


def test_the_second_waits_for_the_first_and_counts_both():
    score, contact = make_score(BUY), make_contact()
    first_has_counted, second_is_done = threading.Event(), threading.Event()

    def first():
        with transaction.atomic():
            lock([contact.pk])
            act(contact, value=10)
            first_has_counted.set()
            # The second cannot get done before this transaction ends.
            assert not second_is_done.wait(timeout=1)

    def second():
        assert first_has_counted.wait(timeout=20)
        act(contact, value=5)
        second_is_done.set()

    at_once(first, second)
    assert held(contact, score) == 15


def test_somebody_else_does_not_wait():
    make_score(BUY)
    ada, bob = make_contact("ada@example.com"), make_contact("bob@example.com")
    both_hold = threading.Barrier(2)

    def hold(contact):
        with transaction.atomic():
            assert lock([contact.pk]) == {contact.pk}
            both_hold.wait(timeout=10)

    at_once(lambda: hold(ada), lambda: hold(bob))


def test_a_recalculation_and_submissions_at_once():
    score = make_score(FORM, BUY)
    contacts = [make_contact(f"{number}@example.com") for number in range(30)]
    rule = score.rules.get(activity_type="purchase")
    rule.points = 2
    rule.save()

    def submissions():
        for contact in contacts[::-1]:
            act(contact, value=10)

    def recalculations():
        for _run in range(3):
            recalculate(Score.objects.get(pk=score.pk), chunk=7)

    at_once(submissions, recalculations, submissions)
    assert {held(contact, score) for contact in contacts} == {40}


def test_rules_changed_while_submissions_wait_are_the_ones_that_count():
    """A submission that had to wait must not put back points by the rules it knew before."""
    score, contact = make_score(BUY), make_contact()
    act(contact, value=10)
    held_back, submitted = threading.Event(), threading.Event()

    def change():
        with transaction.atomic():
            lock([contact.pk])
            held_back.set()
            rule = score.rules.get()
            rule.points = 100
            rule.save()
            recalculate(score)
            assert not submitted.wait(timeout=1)

    def submit():
        assert held_back.wait(timeout=20)
        act(contact, value=1)
        submitted.set()

    at_once(change, submit)
    assert held(contact, score) == 1100
