"""Merging two contacts: values, rows, points; what is refused."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from django.contrib.auth import get_user_model
from django.test import TestCase

from tests.contacts.making import connect, make_form, submit
from wagtail_salesforce.contacts.capture import capture
from wagtail_salesforce.contacts.merge import merge, preview_merge
from wagtail_salesforce.contacts.models import (
    Activity,
    Attribute,
    Company,
    CompanyMembership,
    Contact,
    LedgerEntry,
    Visitor,
)
from wagtail_salesforce.exceptions import MergeRefused
from wagtail_salesforce.scoring.models import Rule, Score, ScorePoints
from wagtail_salesforce.signals import contacts_merged, contacts_merging, threshold_crossed


pytestmark = pytest.mark.django_db

EARLY = datetime(2025, 1, 1, tzinfo=timezone.utc)
LATE = datetime(2026, 5, 1, tzinfo=timezone.utc)


@pytest.fixture
def survivor():
    return Contact.objects.create(email="ada@example.org", first_name="Ada", created_at=LATE)


@pytest.fixture
def other():
    return Contact.objects.create(
        first_name="A.", last_name="Lovelace", city="London", created_at=EARLY
    )


def points(score, contact):
    return ScorePoints.objects.in_force(score).get(contact=contact).points


def test_the_survivors_values_stay_and_empty_ones_are_filled(survivor, other):
    merged = merge(survivor.pk, other.pk)
    assert merged.pk == survivor.pk
    kept = Contact.objects.get()
    assert (kept.email, kept.first_name, kept.last_name) == ("ada@example.org", "Ada", "Lovelace")
    assert (kept.city, kept.created_at) == ("London", EARLY)


def test_choices_decide(survivor, other):
    choices = {"first_name": "other", "city": "survivor"}
    merge(survivor.pk, other.pk, choices=choices)
    kept = Contact.objects.get()
    assert (kept.first_name, kept.city, kept.last_name) == ("A.", "", "Lovelace")


def test_the_e_mail_address_of_the_other_one_can_be_taken_over(survivor):
    other = Contact.objects.create(email="Countess@example.org")
    merge(survivor.pk, other.pk, choices={"email": "other"})
    kept = Contact.objects.get()
    assert (kept.pk, kept.email, kept.email_key) == (
        survivor.pk,
        "Countess@example.org",
        "countess@example.org",
    )


def test_an_anonymous_survivor_gets_the_e_mail_address(survivor, other):
    merge(other.pk, survivor.pk)
    assert Contact.objects.get().email_key == "ada@example.org"


def test_attributes_are_merged_like_fields(survivor, other):
    for name in ("size", "plan", "gone"):
        Attribute.objects.create(name=name, label=name.title())
    Contact.objects.filter(pk=survivor.pk).update(attributes={"size": "small", "plan": "free"})
    Contact.objects.filter(pk=other.pk).update(
        attributes={"size": "large", "plan": "paid", "gone": "x", "undefined": "kept"}
    )
    merge(survivor.pk, other.pk, choices={"attributes.plan": "other"})
    assert Contact.objects.get().attributes == {
        "size": "small",
        "plan": "paid",
        "gone": "x",
        "undefined": "kept",
    }


def test_a_state_is_not_filled_into_another_country(survivor, other):
    Contact.objects.filter(pk=survivor.pk).update(country="GB")
    Contact.objects.filter(pk=other.pk).update(country="US", state="US-CA")
    merge(survivor.pk, other.pk)
    kept = Contact.objects.get()
    assert (kept.country, kept.state) == ("GB", "")


def test_the_website_account_and_the_owner_go_along(survivor, other):
    people = get_user_model().objects
    account, owner = people.create_user("ada"), people.create_user("olga")
    Contact.objects.filter(pk=other.pk).update(user=account, owner=owner)
    merge(survivor.pk, other.pk)
    kept = Contact.objects.get()
    assert (kept.user, kept.owner) == (account, owner)


def test_submissions_cookies_and_times_go_to_the_survivor(survivor, other):
    page = make_form()
    connect(page)
    submit(page, your_e_mail="second@example.org", your_name="Second")
    second = Contact.objects.get(email="second@example.org")
    Visitor.objects.create(key="k" * 64, contact=second)
    capture(email="ada@example.org", title="Call", occurred_at=EARLY)
    merge(survivor.pk, second.pk)
    assert Activity.objects.filter(contact=survivor).count() == 2
    assert LedgerEntry.objects.get().contact_id == survivor.pk
    assert Visitor.objects.get().contact == survivor
    kept = Contact.objects.get(pk=survivor.pk)
    assert kept.last_activity_at == second.last_activity_at > EARLY
    # What comes later under the address that stayed finds the survivor.
    assert capture(email="ADA@example.org").pk == survivor.pk


def test_companies_with_roles_and_places(survivor, other):
    shared, theirs = Company.objects.create(name="Shared"), Company.objects.create(name="Theirs")
    CompanyMembership.objects.create(company=shared, contact=survivor)
    CompanyMembership.objects.create(company=shared, contact=other, role="Buyer")
    CompanyMembership.objects.create(company=theirs, contact=other, role="Advisor")
    both = Company.objects.create(name="B", primary_contact=survivor, secondary_contact=other)
    turned = Company.objects.create(name="T", primary_contact=other, secondary_contact=survivor)
    second = Company.objects.create(name="S", secondary_contact=other)
    merge(survivor.pk, other.pk)
    roles = dict(CompanyMembership.objects.values_list("company__name", "role"))
    assert roles == {"Shared": "Buyer", "Theirs": "Advisor"}
    assert set(CompanyMembership.objects.values_list("contact_id", flat=True)) == {survivor.pk}
    places = {
        company.pk: (company.primary_contact_id, company.secondary_contact_id)
        for company in Company.objects.all()
    }
    assert places[both.pk] == places[turned.pk] == (survivor.pk, None)
    assert places[second.pk] == (None, survivor.pk)


def test_points_are_computed_anew(survivor):
    score = Score.objects.create(name="Interest")
    Rule.objects.create(
        score=score, name="Orders", kind="activity", activity_type="order", points=5
    )
    other = capture(email="two@example.org", activity="order")
    capture(email="ada@example.org", activity="order")
    merge(survivor.pk, other.pk)
    assert points(score, survivor) == 10
    assert ScorePoints.objects.count() == 1


def test_signals(survivor, other):
    told = []

    def merging(survivor_id, other_id, **kwargs):
        assert Contact.objects.filter(pk__in=[survivor_id, other_id]).count() == 2
        told.append(("merging", survivor_id, other_id))

    def merged(survivor_id, other_id, **kwargs):
        told.append(("merged", survivor_id, other_id))

    contacts_merging.connect(merging)
    contacts_merged.connect(merged)
    try:
        with TestCase.captureOnCommitCallbacks(execute=True):
            merge(survivor.pk, other.pk)
            assert told == [("merging", survivor.pk, other.pk)]
    finally:
        contacts_merging.disconnect(merging)
        contacts_merged.disconnect(merged)
    assert told[1:] == [("merged", survivor.pk, other.pk)]


def test_into_itself(survivor):
    with pytest.raises(MergeRefused, match="into itself") as caught:
        merge(survivor.pk, survivor.pk)
    assert caught.value.code == "merge_same"
    assert caught.value.cure
    with pytest.raises(MergeRefused):
        preview_merge(survivor, survivor)


@pytest.mark.parametrize("gone", ["survivor", "other"])
def test_one_that_is_gone(survivor, other, gone):
    ids = {"survivor": survivor.pk, "other": other.pk}
    Contact.objects.filter(pk=ids[gone]).delete()
    with pytest.raises(MergeRefused) as caught:
        merge(ids["survivor"], ids["other"])
    assert caught.value.code == "merge_gone"
    assert Contact.objects.count() == 1


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"shoe_size": "other"}, "shoe_size"),
        ({"attributes.none": "other"}, "attributes.none"),
        ({"id": "other"}, "id"),
        ({"city": "both"}, "survivor or other for city"),
    ],
)
def test_choices_that_mean_nothing(survivor, other, choices, words):
    with pytest.raises(MergeRefused, match=words) as caught:
        merge(survivor.pk, other.pk, choices=choices)
    assert caught.value.code == "merge_choice"
    assert Contact.objects.count() == 2


def test_statements_do_not_depend_on_the_activities(django_assert_max_num_queries):
    for number, activities in ((1, 3), (2, 300)):
        survivor = Contact.objects.create(email=f"a{number}@example.org")
        other = Contact.objects.create(email=f"b{number}@example.org")
        Activity.objects.bulk_create(
            Activity(contact=other, type="order", title=str(index)) for index in range(activities)
        )
        with django_assert_max_num_queries(45):
            merge(survivor.pk, other.pk)
        assert survivor.activities.count() == activities


def test_the_preview_says_what_the_merge_does(survivor, other):
    Attribute.objects.create(name="agrees", label="Agrees", type="boolean")
    Contact.objects.filter(pk=other.pk).update(attributes={"agrees": True}, country="GB")
    other.refresh_from_db()
    Activity.objects.create(contact=other, type="order", occurred_at=LATE - timedelta(days=1))
    CompanyMembership.objects.create(company=Company.objects.create(name="C"), contact=other)
    preview = preview_merge(survivor, other, choices={"first_name": "other"})
    rows = {row.name: (row.survivor, row.other, row.result) for row in preview.rows}
    assert rows["first_name"] == ("Ada", "A.", "A.")
    assert rows["last_name"] == ("", "Lovelace", "Lovelace")
    assert rows["country"][1:] == ("United Kingdom", "United Kingdom")
    assert rows["attributes.agrees"] == ("", "Yes", "Yes")
    assert "job_title" not in rows
    assert (preview.activities, preview.companies) == (1, 1)
    assert preview.lead == "Neither contact has a lead in Salesforce."
    [name] = [row for row in preview.rows if row.name == "first_name"]
    assert name.differs
    assert name.takes_other
    assert Contact.objects.count() == 2


class TestALimitOfAScore:
    """Somebody who has reached it is told of once, whoever of the two it was."""

    @pytest.fixture
    def told(self):
        told = []

        def listen(contact_id, points, **kwargs):
            told.append(points)

        threshold_crossed.connect(listen)
        yield told
        threshold_crossed.disconnect(listen)

    @pytest.fixture
    def score(self):
        score = Score.objects.create(name="Sales", notify_at=10)
        for kind in ("order", "call"):
            Rule.objects.create(
                score=score, name=kind, kind="activity", activity_type=kind, points=6
            )
        return score

    @pytest.mark.parametrize("survivor_has_points", [True, False])
    def test_is_not_told_again(self, survivor, other, score, told, survivor_has_points):
        for kind in ("order", "call"):
            Activity.objects.create(contact=other, type=kind)
        assert told == [12]
        if survivor_has_points:
            Activity.objects.create(contact=survivor, type="order")
        merge(survivor.pk, other.pk)
        assert points(score, survivor) == (18 if survivor_has_points else 12)
        assert told == [12]

    def test_is_told_when_only_both_together_reach_it(self, survivor, other, score, told):
        Activity.objects.create(contact=survivor, type="order")
        Activity.objects.create(contact=other, type="call")
        merge(survivor.pk, other.pk)
        assert told == [12]
