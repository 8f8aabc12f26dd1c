"""The export of one person: everything that is known, as JSON."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth import get_user_model

from tests.contacts.making import connect, make_form, submit
from tests.ready import ready, run
from wagtail_salesforce.contacts.capture import capture
from wagtail_salesforce.contacts.merge import merge
from wagtail_salesforce.contacts.models import (
    Attribute,
    Company,
    CompanyMembership,
    Contact,
    LedgerEntry,
    Visitor,
)
from wagtail_salesforce.contacts.person_export import export_person
from wagtail_salesforce.scoring.models import Rule, Score
from wagtail_salesforce.signals import person_exporting


pytestmark = pytest.mark.django_db(transaction=True)


def by_name(rows):
    return {row["name"]: row["value"] for row in rows}


def test_everything_that_is_known(org):
    ready(org)
    score = Score.objects.create(name="Interest")
    Rule.objects.create(
        score=score, name="Orders", kind="activity", activity_type="order", points=5
    )
    Attribute.objects.create(name="licences", label="Licences", type="integer")
    page = make_form(own=True)
    connect(page)
    submit(page, your_e_mail="ada@example.org", your_name="Lovelace", message="Héllo")
    capture(
        email="ada@example.org",
        activity="order",
        title="Engine",
        value="12.50",
        attributes={"licences": 3},
        birthday="1815-12-10",
    )
    contact = Contact.objects.get()
    contact.user = get_user_model().objects.create_user("ada")
    contact.save()
    company = Company.objects.create(name="Babbage Ltd", secondary_contact=contact)
    CompanyMembership.objects.create(company=company, contact=contact, role="Author")
    Company.objects.create(name="Other Ltd", primary_contact=contact)
    Visitor.objects.create(key="k" * 64, contact=contact)
    run()

    document = json.loads(json.dumps(export_person(contact)))
    fields = by_name(document["contact"]["fields"])
    assert fields["email"] == "ada@example.org"
    assert fields["birthday"] == "1815-12-10"
    assert fields["user"] == "ada"
    [attribute] = document["attributes"]
    assert attribute == {"name": "licences", "label": "Licences", "value": 3}
    companies = {row["name"]: row for row in document["companies"]}
    assert (companies["Babbage Ltd"]["role"], companies["Babbage Ltd"]["secondary_contact"]) == (
        "Author",
        True,
    )
    assert companies["Other Ltd"]["primary_contact"]
    assert [(row["type"], row["value"]) for row in document["activities"]] == [
        ("form_submission", None),
        ("order", "12.5000"),
    ]
    assert document["activities"][0]["type_label"] == "Form submission"
    [submission] = document["submissions"]
    assert submission["data"]["message"] == "Héllo"
    assert submission["state_label"] == "Captured"
    assert [row["cookie_hash"] for row in document["visitors"]] == ["k" * 64]
    [points] = document["points"]
    assert (points["score"], points["points"]) == ("Interest", 5)
    assert points["reasons"][0]["points"] == 5
    [lead] = document["leads"]
    assert (lead["lead"], lead["state"]) == (org.leads()[0]["Id"], "replicated")


def test_a_second_lead_of_a_merged_contact_is_told_too(org):
    ready(org)
    one, two = (Contact.objects.create(email=f"{n}@example.org", last_name=n) for n in "ab")
    run()
    merge(one.pk, two.pk)
    assert len(export_person(one)["leads"]) == 2


def test_hardly_anything_known():
    document = export_person(Contact.objects.create())
    json.dumps(document)
    assert not any(document[key] for key in ("attributes", "companies", "activities", "points"))
    assert all(lead["lead"] == "" for lead in document["leads"])


def test_a_submission_that_was_deleted_or_waits():
    contact = Contact.objects.create(email="ada@example.org")
    for model, payload in (("gone.Model", None), ("capture", {"title": "x"})):
        LedgerEntry.objects.create(
            submission_model=model,
            submission_id="1",
            contact_id=contact.pk,
            state="waiting",
            payload=payload,
        )
    data = [row["data"] for row in export_person(contact)["submissions"]]
    assert data == [None, {"title": "x"}]


def test_nobody_elses_data():
    contact = capture(email="ada@example.org", title="Mine")
    capture(email="bob@example.org", title="Theirs", last_name="Bobson")
    text = json.dumps(export_person(contact))
    assert "Mine" in text
    assert "Bobson" not in text
    assert "Theirs" not in text


def test_a_site_adds_what_it_knows():
    def receiver(contact, document, **kwargs):
        document["orders"] = [{"contact": contact.pk}]

    person_exporting.connect(receiver)
    try:
        contact = Contact.objects.create()
        assert export_person(contact)["orders"] == [{"contact": contact.pk}]
    finally:
        person_exporting.disconnect(receiver)


def test_statements_do_not_grow_with_the_activities(django_assert_max_num_queries):
    contact = Contact.objects.create(email="ada@example.org")
    page = make_form()
    connect(page)
    for index in range(20):
        capture(email="ada@example.org", title=str(index))
        submit(page, your_e_mail="ada@example.org")
    contact.refresh_from_db()
    with django_assert_max_num_queries(16):
        document = export_person(contact)
    assert len(document["activities"]) == 40
    assert len(document["submissions"]) == 20
