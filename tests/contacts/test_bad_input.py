"""Forms filled in badly: clear reasons, nothing lost, never an error for the visitor."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from tests.contacts.making import connect, make_form, submit
from tests.testapp.models import OwnSubmission
from wagtail_salesforce.contacts.models import Activity, Attribute, Contact, LedgerEntry


pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    Attribute.objects.create(name="licences", label="Licences", type="integer")
    fields = [("E-mail", "singleline"), ("Name", "multiline"), ("Licences", "singleline")]
    fields += [("Born", "singleline"), ("Message", "multiline")]
    page = make_form(fields=fields)
    targets = {
        "e_mail": {"field": "email"},
        "name": {"field": "last_name"},
        "licences": {"attribute": "licences"},
        "born": {"field": "birthday"},
        "message": {"field": "notes"},
    }
    connect(page, targets, value_field="licences")
    return page


@pytest.mark.parametrize(
    ("email", "reason"),
    [
        ("", "There is no e-mail address, so nobody could be recognised."),
        ("   ", "There is no e-mail address, so nobody could be recognised."),
        ("ada at example", "The e-mail address is not valid."),
        ("ada@example.org, bob@example.org", "The e-mail address is not valid."),
        (
            f"ada@{'x' * 60}.{'y' * 60}.{'z' * 60}.{'w' * 60}.abc.org",
            "The e-mail address is",
        ),
    ],
)
def test_without_a_good_e_mail_it_is_refused_and_visible(page, email, reason):
    submit(page, e_mail=email, name="Lovelace")

    assert not Contact.objects.exists()
    entry = LedgerEntry.objects.get()
    assert entry.state == "refused"
    assert entry.reason.startswith(reason)
    assert "example" not in entry.reason


def test_an_absurdly_long_name_is_shortened_and_said(page):
    submit(page, e_mail="ada@example.org", name="x" * 5000)

    assert Contact.objects.get().last_name == "x" * 100
    note = "Last name was shortened from 5000 to 100 characters."
    assert Activity.objects.get().comment == note
    assert LedgerEntry.objects.get().reason == note


def test_lengths_are_counted_in_characters_not_bytes(page):
    submit(page, e_mail="ada@example.org", name="ž😀" * 50)
    assert Contact.objects.get().last_name == "ž😀" * 50


def test_a_text_instead_of_a_number_is_refused_for_that_field_only(page):
    submit(page, e_mail="ada@example.org", name="Lovelace", licences="secret lots")

    contact = Contact.objects.get()
    assert contact.last_name == "Lovelace"
    assert contact.attributes == {}
    activity = Activity.objects.get()
    assert activity.value is None
    assert "licences was not taken over. Give a whole number" in activity.comment
    assert "The activity's value was not taken over. Give a number" in activity.comment
    entry = LedgerEntry.objects.get()
    assert entry.state == "captured"
    assert "licences was not taken over." in entry.reason
    assert "secret" not in entry.reason + activity.comment


def test_a_number_fills_a_text(page):
    submit(page, e_mail="ada@example.org", name="4711")
    assert Contact.objects.get().last_name == "4711"


@pytest.mark.parametrize("born", ["31.02.1990", "soon", "1990-13-01", "12/11/1990"])
def test_a_date_that_is_none_is_refused_for_that_field_only(page, born):
    submit(page, e_mail="ada@example.org", name="Lovelace", born=born)

    contact = Contact.objects.get()
    assert (contact.last_name, contact.birthday) == ("Lovelace", None)
    assert "Birthday was not taken over. Give a date" in LedgerEntry.objects.get().reason


def test_a_dotted_date_is_a_date(page):
    submit(page, e_mail="ada@example.org", born="10.12.1815")
    assert Contact.objects.get().birthday == date(1815, 12, 10)


def test_a_megabyte_in_a_field(page):
    submit(page, e_mail="ada@example.org", name="n" * 10**6, message="m" * 10**6)

    contact = Contact.objects.get()
    assert contact.last_name == "n" * 100
    assert contact.notes == "m" * 10**6
    assert LedgerEntry.objects.get().reason.endswith("from 1000000 to 100 characters.")


def test_many_bad_fields_still_fit_on_the_ledger(page):
    targets = {"e_mail": {"field": "email"}}
    fields = [("E-mail", "singleline")]
    for number in range(20):
        Attribute.objects.create(name=f"number_{number}", label=f"N{number}", type="integer")
        fields.append((f"N{number}", "singleline"))
        targets[f"n{number}"] = {"attribute": f"number_{number}"}
    other = make_form("other", fields)
    connect(other, targets)
    submit(other, e_mail="ada@example.org", **{f"n{number}": "none" for number in range(20)})

    assert LedgerEntry.objects.get().state == "captured"
    assert Activity.objects.get().comment.count("was not taken over") == 20


def test_a_form_refuses_nul_characters_and_nothing_breaks(page):
    response = Client().post(f"/{page.slug}/", {"e_mail": "ada@example.org", "name": "A\x00da"})

    assert response.status_code == 200
    assert "Null characters are not allowed" in response.content.decode()
    assert not LedgerEntry.objects.exists()


def test_nul_characters_and_half_characters_that_got_through_are_removed(page):
    """A site may make submissions of its own, past the form's checks."""
    submission = OwnSubmission(page=page, form_data={"e_mail": "ada@example.org\x00"})
    submission.form_data["name"] = " A\x00da\ud83d "
    submission.pk = 7
    from wagtail_salesforce.contacts.forms import capture_submission

    capture_submission(submission)
    contact = Contact.objects.get()
    assert (contact.email, contact.last_name) == ("ada@example.org", "Ada")


@pytest.mark.parametrize("data", [{}, [], "text", 5, {"e_mail": {"a": 1}}, {"e_mail": [[]]}])
def test_form_data_of_any_shape_is_refused(page, data):
    OwnSubmission.objects.create(page=page, form_data=data)
    assert LedgerEntry.objects.get().state == "refused"
    assert not Contact.objects.exists()


def test_things_that_are_no_values_are_refused_for_that_field(page):
    data = {"e_mail": "ada@example.org", "name": {"first": "Ada"}, "licences": True}
    OwnSubmission.objects.create(page=page, form_data=data)

    assert Contact.objects.get().last_name == ""
    reason = LedgerEntry.objects.get().reason
    assert "Last name was not taken over. Files and structured values cannot" in reason
    assert "licences was not taken over. Give a whole number" in reason


def test_an_attribute_that_is_gone_is_said(page):
    Attribute.objects.all().delete()
    submit(page, e_mail="ada@example.org", name="Lovelace", licences="3")

    assert Contact.objects.get().last_name == "Lovelace"
    assert LedgerEntry.objects.get().reason == "There is no attribute licences any more."


def test_a_value_too_large_for_an_activity_is_said(page):
    submit(page, e_mail="ada@example.org", licences="12345678901234567")

    assert Contact.objects.get().attributes == {"licences": 12345678901234567}
    assert Activity.objects.get().value is None
    assert "at most 16 digits" in LedgerEntry.objects.get().reason


def test_what_is_written_down_is_in_the_language_of_the_site(page):
    """The visitor's language is another one; the sentence is for the editors."""
    from django.utils import translation

    with translation.override("de"):
        submit(page, e_mail="", name="Lovelace")
    assert LedgerEntry.objects.get().reason.startswith("There is no e-mail address")
