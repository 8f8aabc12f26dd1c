"""Merging, erasing and submitting at the same moment: nothing is lost, nobody waits for ever."""

from __future__ import annotations

import pytest

from tests.contacts.test_concurrency import at_once
from wagtail_salesforce.contacts.capture import capture
from wagtail_salesforce.contacts.erase import erase
from wagtail_salesforce.contacts.forms import reconcile_submissions
from wagtail_salesforce.contacts.merge import merge
from wagtail_salesforce.contacts.models import Activity, Contact, LedgerEntry
from wagtail_salesforce.exceptions import MergeRefused
from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.scoring.models import Rule, Score, ScorePoints


pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def score():
    score = Score.objects.create(name="Interest")
    Rule.objects.create(score=score, name="All", kind="activity", activity_type="order", points=1)
    return score


def ended(work):
    """What it came to: the contact's id, or the code of the refusal."""
    try:
        return work().pk
    except MergeRefused as error:
        return error.code


def test_two_merge_each_other():
    """One of the two directions wins, the other is told that a contact is gone."""
    for _round in range(5):
        one, two = Contact.objects.create(), Contact.objects.create()
        pairs = [(one.pk, two.pk), (two.pk, one.pk)] * 3
        results = at_once(lambda index, pairs=pairs: ended(lambda: merge(*pairs[index])), 6)
        assert results.count("merge_gone") == 5
        assert Contact.objects.count() == 1
        assert LeadLink.objects.exclude(contact=None).count() == 1
        Contact.objects.all().delete()


def test_many_are_merged_into_one(score):
    survivor = capture(email="ada@example.org", activity="order")
    others = [capture(email=f"a{index}@example.org", activity="order") for index in range(8)]
    at_once(lambda index: merge(survivor.pk, others[index].pk), 8)
    assert Contact.objects.get() == survivor
    assert survivor.activities.count() == 9
    assert ScorePoints.objects.in_force(score).get().points == 9
    assert LeadLink.objects.get(contact=survivor)


def test_a_chain_of_merges():
    people = [capture(email=f"a{index}@example.org", activity="order") for index in range(6)]
    at_once(lambda index: ended(lambda: merge(people[index].pk, people[index + 1].pk)), 5)
    assert Activity.objects.count() == 6
    assert set(Activity.objects.values_list("contact_id", flat=True)) == set(
        Contact.objects.values_list("pk", flat=True)
    )


def test_submissions_of_both_while_they_are_merged(score):
    """Everything is somewhere: with the survivor, or with a contact made anew afterwards."""
    survivor = capture(email="ada@example.org", activity="order")
    other = capture(email="two@example.org", activity="order")

    def act(index):
        if index == 0:
            merge(survivor.pk, other.pk, choices={"email": "other"})
        else:
            capture(email="two@example.org" if index % 2 else "ada@example.org", activity="order")

    at_once(act, 12)
    reconcile_submissions()
    assert not LedgerEntry.objects.filter(state="waiting").exists()
    assert Activity.objects.count() == 13
    held = ScorePoints.objects.in_force(score)
    assert sum(held.values_list("points", flat=True)) == 13
    for row in held:
        assert row.points == Activity.objects.filter(contact_id=row.contact_id).count()
    assert set(Contact.objects.values_list("email_key", flat=True)) <= {
        "ada@example.org",
        "two@example.org",
    }


def test_erased_by_several_at_once(score):
    people = [capture(email=f"a{index}@example.org", activity="order") for index in range(10)]
    ids = [contact.pk for contact in people]
    results = at_once(lambda index: erase(ids if index % 2 else ids[::-1]), 6)
    assert sum(result.contacts for result in results) == 10
    assert sum(result.activities for result in results) == 10
    assert not Contact.objects.exists()
    assert set(LeadLink.objects.values_list("state", flat=True)) == {"erased"}


def test_submissions_while_the_contact_is_erased(score):
    contact = capture(email="ada@example.org", activity="order")

    def act(index):
        if index == 0:
            erase([contact.pk])
        else:
            capture(email="ada@example.org", activity="order")

    at_once(act, 10)
    reconcile_submissions()
    assert Contact.objects.count() <= 1
    orphans = Activity.objects.exclude(contact_id__in=Contact.objects.values("pk"))
    assert not orphans.exists()
