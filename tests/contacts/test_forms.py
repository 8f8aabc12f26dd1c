"""Visitors submit forms; contacts, activities and the ledger follow."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.contacts.making import connect, make_form, submit
from wagtail_salesforce.contacts.models import (
    Activity,
    ActivityType,
    Attribute,
    Contact,
    LedgerEntry,
)


pytestmark = pytest.mark.django_db

ADA = {
    "your_name": "Lovelace",
    "your_e_mail": "Ada@Example.org",
    "company": "Analytical Engines",
    "message": "How much?",
}


@pytest.mark.parametrize("own", [False, True])
def test_a_submission_becomes_a_contact(own):
    page = make_form(own=own)
    connect(page, name="Quotes")
    submission = submit(page, **ADA)

    contact = Contact.objects.get()
    assert (contact.email, contact.email_key) == ("Ada@Example.org", "ada@example.org")
    assert (contact.last_name, contact.company_name) == ("Lovelace", "Analytical Engines")
    assert contact.notes == "How much?"
    assert contact.last_activity_at == submission.submit_time
    activity = Activity.objects.get()
    assert (activity.contact, activity.type, activity.title, activity.page_id) == (
        contact,
        "form_submission",
        "Quotes",
        page.pk,
    )
    assert activity.occurred_at == submission.submit_time
    entry = LedgerEntry.objects.get()
    assert (entry.state, entry.contact_id, entry.reason) == ("captured", contact.pk, "")
    assert entry.submission_model == submission._meta.label_lower
    assert entry.submission_id == str(submission.pk)


def test_the_e_mail_recognises_people_whatever_its_case():
    page = make_form()
    connect(page)
    submit(page, **ADA)
    submit(page, **{**ADA, "your_e_mail": "aDA@exAMPLE.org"})

    assert Contact.objects.count() == 1
    assert Contact.objects.get().activities.count() == 2


def test_only_empty_fields_are_filled():
    page = make_form()
    connect(page)
    submit(page, **{**ADA, "company": ""})
    submit(page, **{**ADA, "your_name": "Byron", "message": ""})

    contact = Contact.objects.get()
    assert contact.last_name == "Lovelace"
    assert contact.company_name == "Analytical Engines"
    assert contact.notes == "How much?"


def test_overwrite_rewrites_but_never_with_nothing():
    page = make_form()
    connect(page, overwrite=True)
    submit(page, **ADA)
    submit(page, **{**ADA, "your_name": "Byron", "company": " "})

    contact = Contact.objects.get()
    assert (contact.last_name, contact.company_name) == ("Byron", "Analytical Engines")
    assert contact.email == "Ada@Example.org"


def test_a_page_without_a_connection_leaves_no_trace():
    submit(make_form(), **ADA)
    assert not Contact.objects.exists()
    assert not LedgerEntry.objects.exists()


def test_a_connection_that_is_off_refuses_visibly():
    page = make_form()
    connect(page, enabled=False)
    submit(page, **ADA)

    assert not Contact.objects.exists()
    entry = LedgerEntry.objects.get()
    assert (entry.state, entry.reason) == ("refused", "The form connection was switched off.")


def test_attributes_types_values_and_places():
    Attribute.objects.create(name="licences", label="Licences", type="integer")
    Attribute.objects.create(name="interests", label="Interests", type="long_text")
    Attribute.objects.create(name="newsletter", label="Newsletter", type="boolean")
    Attribute.objects.create(name="go_live", label="Go live", type="date")
    fields = [("E-mail", "email"), ("Licences", "number"), ("Interests", "checkboxes")]
    fields += [("Newsletter", "checkbox"), ("Go live", "date"), ("Born", "date")]
    fields += [("Country", "singleline"), ("State", "singleline"), ("Utm", "hidden")]
    page = make_form(fields=fields, choices="books\nfilms\nmusic")
    targets = {
        name: {"attribute": name} for name in ("licences", "interests", "newsletter", "go_live")
    }
    targets |= {"e_mail": {"field": "email"}, "born": {"field": "birthday"}}
    targets |= {name: {"field": name} for name in ("country", "state")}
    targets |= {"utm": {"field": "campaign"}}
    connect(page, targets, activity_type="purchase", value_field="licences")
    submit(
        page,
        e_mail="ada@example.org",
        licences="3000",
        interests=["books", "music"],
        newsletter="on",
        go_live="2027-01-31",
        born="1815-12-10",
        country="Vereinigte Staaten",
        state="california",
        utm="spring",
    )

    contact = Contact.objects.get()
    assert contact.attributes == {
        "licences": 3000,
        "interests": "books; music",
        "newsletter": True,
        "go_live": "2027-01-31",
    }
    assert contact.birthday == date(1815, 12, 10)
    assert (contact.country, contact.state, contact.campaign) == ("US", "CA", "spring")
    activity = Activity.objects.get()
    assert (activity.type, activity.value) == ("purchase", Decimal(3000))
    assert (activity.campaign, activity.comment) == ("spring", "")
    assert ActivityType.objects.get().name == "purchase"


def test_attributes_of_two_forms_come_together():
    for name in ("colour", "size"):
        Attribute.objects.create(name=name, label=name, type="text")
        page = make_form(name, [("E-mail", "email"), ("Answer", "singleline")])
        connect(page, {"e_mail": {"field": "email"}, "answer": {"attribute": name}})
        submit(page, e_mail="ada@example.org", answer=f"some {name}")

    assert Contact.objects.get().attributes == {"colour": "some colour", "size": "some size"}


def test_the_state_is_read_in_the_country_that_counts():
    page = make_form(fields=[("E-mail", "email"), ("State", "singleline")])
    connect(page, {"e_mail": {"field": "email"}, "state": {"field": "state"}})
    Contact.objects.create(email="ada@example.org", country="DE")
    submit(page, e_mail="ada@example.org", state="Bayern")
    submit(page, e_mail="bob@example.org", state="Bayern")

    assert Contact.objects.get(email="ada@example.org").state == "BY"
    assert Contact.objects.get(email="bob@example.org").state == "Bayern"


def test_a_submission_in_several_steps_waits_until_it_is_complete(monkeypatch):
    from tests.testapp.models import OwnSubmission
    from wagtail_salesforce.contacts.forms import reconcile_submissions

    monkeypatch.setattr(OwnSubmission, "is_complete", False, raising=False)
    page = make_form(own=True)
    connect(page)
    submit(page, **ADA)
    assert LedgerEntry.objects.get().reason == "The submission is not complete yet."
    assert reconcile_submissions() == 0
    assert not Contact.objects.exists()

    monkeypatch.setattr(OwnSubmission, "is_complete", lambda self: True)
    assert reconcile_submissions() == 1
    assert LedgerEntry.objects.get().state == "captured"
    assert Contact.objects.get().activities.count() == 1
