"""Plain Django forms and streamforms become contacts through `capture_form()`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import pytest
from django import forms
from django.db import DatabaseError

from wagtail_salesforce.contacts.bridges import capture_form
from wagtail_salesforce.contacts.forms import reconcile_submissions
from wagtail_salesforce.contacts.models import Activity, Attribute, Contact, LedgerEntry
from wagtail_salesforce.contacts.reconcile import reconcile


pytestmark = pytest.mark.django_db


class QuoteForm(forms.Form):
    email = forms.EmailField()
    name = forms.CharField(required=False)
    country = forms.CharField(required=False)
    licences = forms.IntegerField(required=False)
    consent = forms.BooleanField(required=False)


FIELDS = {"email": "email", "name": "full_name", "country": "country"}


def valid(**data):
    form = QuoteForm({"email": "ada@example.org", **data})
    assert form.is_valid()
    return form


def test_a_plain_form():
    Attribute.objects.create(name="newsletter", label="Newsletter", type="boolean")
    Attribute.objects.create(name="licences", label="Licences", type="integer")
    contact = capture_form(
        valid(name="Ada Lovelace", country="Germany", licences="3000", consent="on"),
        fields={**FIELDS, "licences": {"attribute": "licences"}},
        title="Quote",
        activity="quote",
        value_field="licences",
        consent_field="consent",
        consent_attribute="newsletter",
        url="https://example.org/quote/",
    )
    assert (contact.first_name, contact.last_name) == ("Ada", "Lovelace")
    assert contact.country == "DE"
    assert contact.attributes == {"licences": 3000, "newsletter": True}
    activity = Activity.objects.get()
    assert (activity.type, activity.title, activity.value) == ("quote", "Quote", 3000)
    assert activity.url == "https://example.org/quote/"


def test_it_fills_what_is_empty_unless_told_otherwise():
    Contact.objects.create(email="ada@example.org", last_name="Byron")
    capture_form(valid(name="Ada Lovelace"), fields=FIELDS)
    assert Contact.objects.get().last_name == "Byron"
    capture_form(valid(name="Ada Lovelace"), fields=FIELDS, overwrite=True)
    assert Contact.objects.get().last_name == "Lovelace"


def test_without_an_address_nobody_is_recognised():
    form = SimpleNamespace(cleaned_data={"email": "", "name": "Ada"})
    assert capture_form(form, fields=FIELDS) is None
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"fields": {"name": "last_name"}}, "Without it no submission can become a contact"),
        ({"fields": {**FIELDS, "x": "shoe_size"}}, "which is no contact field"),
        ({"fields": {**FIELDS, "x": {"attribute": "none"}}}, "which is no attribute"),
        ({"fields": {**FIELDS, "x": "first_name"}}, "Two form fields fill"),
        ({"fields": FIELDS, "consent_field": "consent"}, "Choose the attribute"),
        ({"fields": FIELDS, "activity": "No name"}, "lower-case letters"),
    ],
)
def test_what_a_developer_got_wrong_is_said_whatever_was_typed(arguments, message):
    with pytest.raises(ValueError, match=message):
        capture_form(valid(), **arguments)


def test_when_the_database_refuses_it_is_done_later():
    with mock.patch("wagtail_salesforce.contacts.capture.record", side_effect=DatabaseError):
        assert capture_form(valid(name="Ada Lovelace"), fields=FIELDS, title="x" * 300) is None
    assert LedgerEntry.objects.get().state == "waiting"
    assert reconcile_submissions() == 1
    assert Contact.objects.get().last_name == "Lovelace"
    assert reconcile().captured == 0


def test_streamforms():
    """A real streamform on a site of its own: its apps are not those of the other tests."""
    pytest.importorskip("wagtailstreamforms")
    script = Path(__file__).parent / "streamforms_site.py"
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, cwd=Path.cwd()
    )
    assert done.stdout.strip().splitlines()[-1:] == ["Ada Lovelace quote"], done.stderr
