"""`capture()`: the door for a site's own code."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone as django_timezone
from django.utils.translation import gettext_lazy

from wagtail_salesforce.contacts import attempts
from wagtail_salesforce.contacts.capture import capture
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.models import (
    Activity,
    ActivityType,
    Attribute,
    Contact,
    LedgerEntry,
)
from wagtail_salesforce.contacts.reconcile import Reconciled, reconcile


pytestmark = pytest.mark.django_db


@pytest.fixture
def attributes():
    for kind in FieldType:
        Attribute.objects.create(name=f"a_{kind.value}", label=kind.value, type=kind.value)


def test_three_lines_make_a_contact_with_an_activity():
    contact = capture(email=" Ada@Example.org ", title="Newsletter", first_name="Ada")

    assert contact == Contact.objects.get()
    assert (contact.email, contact.first_name) == ("Ada@Example.org", "Ada")
    activity = contact.activities.get()
    assert (activity.type, activity.title, activity.value) == (
        "form_submission",
        "Newsletter",
        None,
    )
    assert not LedgerEntry.objects.exists()


def test_everything_at_once_in_python_form(attributes):
    moment = datetime(2026, 2, 28, 9, 30, tzinfo=timezone.utc)
    contact = capture(
        email="ada@example.org",
        activity="purchase",
        title=gettext_lazy("Form submission"),
        value=Decimal("3000"),
        attributes={
            "a_text": "x",
            "a_long_text": "y",
            "a_integer": 3000,
            "a_decimal": Decimal("12.50"),
            "a_float": 0.5,
            "a_boolean": False,
            "a_date": date(2026, 2, 28),
            "a_datetime": moment,
        },
        occurred_at=moment,
        url="https://example.org/buy/",
        page_id=7,
        birthday=date(1815, 12, 10),
        country="Deutschland",
        state="Bavaria",
        campaign="spring",
    )
    contact.refresh_from_db()
    assert contact.attributes == {
        "a_text": "x",
        "a_long_text": "y",
        "a_integer": 3000,
        "a_decimal": "12.50",
        "a_float": 0.5,
        "a_boolean": False,
        "a_date": "2026-02-28",
        "a_datetime": "2026-02-28T09:30:00+00:00",
    }
    assert (contact.country, contact.state) == ("DE", "BY")
    assert contact.birthday == date(1815, 12, 10)
    assert contact.last_activity_at == moment
    activity = contact.activities.get()
    assert (activity.type, activity.title) == ("purchase", "Form submission")
    assert (activity.value, activity.url, activity.page_id, activity.campaign) == (
        Decimal(3000),
        "https://example.org/buy/",
        7,
        "spring",
    )
    assert activity.occurred_at == moment
    assert ActivityType.objects.get().label == "Purchase"


def test_the_json_form_means_the_same(attributes):
    contact = capture(
        email="ada@example.org",
        value="3000.5",
        attributes={"a_decimal": 12.5, "a_date": "2026-02-28", "a_datetime": "2026-02-28T09:30Z"},
        occurred_at="2026-02-28T09:30:00+00:00",
        birthday="1815-12-10",
    )
    contact.refresh_from_db()
    assert contact.attributes == {
        "a_decimal": "12.5",
        "a_date": "2026-02-28",
        "a_datetime": "2026-02-28T09:30:00+00:00",
    }
    assert contact.activities.get().value == Decimal("3000.5")
    assert contact.birthday == date(1815, 12, 10)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"nickname": "Ada"}, "no contact field 'nickname'. There are: email, first_name"),
        ({"created_at": None}, "no contact field 'created_at'"),
        ({"owner": None}, "no contact field 'owner'"),
        ({"attributes": {"shoe_size": 3}}, "no attribute 'shoe_size'"),
    ],
)
def test_an_unknown_name_is_a_type_error_that_names_it(arguments, message):
    with pytest.raises(TypeError, match=message):
        capture(email="ada@example.org", **arguments)
    assert not Contact.objects.exists()


def test_the_e_mail_cannot_be_left_out():
    with pytest.raises(TypeError, match="email"):
        capture(title="Newsletter")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"email": ""}, "email: Give an e-mail address"),
        ({"email": None}, "email: Give an e-mail address"),
        ({"email": 5}, "email: Give text."),
        ({"email": "secret at example"}, "email: The e-mail address is not valid."),
        ({"email": f"ada@{'x' * 60}.{'y' * 60}.{'z' * 60}.{'w' * 60}.abc.org"}, "email: "),
        ({"first_name": 5}, "first_name: Give text."),
        ({"first_name": ["secret"]}, "first_name: Give text."),
        ({"birthday": "secret"}, "birthday: Give a date as year-month-day"),
        ({"birthday": "2026-02-30"}, "birthday: Give a date that exists."),
        ({"birthday": datetime(2026, 1, 1)}, "birthday: Give a date"),
        ({"value": "secret"}, "value: Give a number"),
        ({"value": "3,000"}, "value: Give a number"),
        ({"value": True}, "value: Give a number"),
        ({"value": float("nan")}, "value: Give a number"),
        ({"value": 10**16}, "value: Give a number with at most 16 digits"),
        ({"activity": "Form Submission"}, "activity: The activity type must be lower-case"),
        ({"activity": ""}, "activity: "),
        ({"activity": "purchase\n"}, "activity: "),
        ({"activity": None}, "activity: "),
        ({"title": 5}, "title: Give text."),
        ({"url": b"x"}, "url: Give text."),
        ({"page_id": "secret"}, "page_id: Give the id of a page, or None."),
        ({"page_id": -1}, "page_id: "),
        ({"page_id": True}, "page_id: "),
        ({"overwrite": "secret"}, "overwrite: Give true or false."),
        ({"occurred_at": "secret"}, "occurred_at: Give a date and time"),
        ({"occurred_at": date(2026, 1, 1)}, "occurred_at: Give a date and time"),
        ({"attributes": ["a_integer"]}, "attributes: Give a dictionary"),
        ({"attributes": {"a_integer": "secret"}}, "a_integer: Give a whole number"),
        ({"attributes": {"a_integer": 3.5}}, "a_integer: Give a whole number"),
        ({"attributes": {"a_boolean": 1}}, "a_boolean: Give true or false."),
        ({"attributes": {"a_date": "31.12.2026"}}, "a_date: Give a date as year-month-day"),
        ({"attributes": {"a_text": 5}}, "a_text: Give text."),
    ],
)
def test_a_wrong_type_is_a_value_error_that_names_it_and_the_cure(attributes, arguments, message):
    with pytest.raises(ValueError, match=f"^{message}") as caught:
        capture(**{"email": "ada@example.org", **arguments})
    assert "secret" not in str(caught.value)
    assert not Contact.objects.exists()
    assert not Activity.objects.exists()


def test_text_is_cleaned_and_shortened_with_a_note(attributes):
    contact = capture(
        email="ada@example.org\x00",
        title="t" * 300,
        first_name=" A\x00da\ud83d ",
        last_name="x" * 101,
        attributes={"a_text": "y" * 256, "a_long_text": "z" * 10**6},
    )
    contact.refresh_from_db()
    assert (contact.email, contact.first_name) == ("ada@example.org", "Ada")
    assert contact.last_name == "x" * 100
    assert contact.attributes["a_text"] == "y" * 255
    assert contact.attributes["a_long_text"] == "z" * 10**6
    assert contact.activities.get().title == "t" * 250
    assert contact.activities.get().comment.splitlines() == [
        "title was shortened from 300 to 250 characters.",
        "Last name was shortened from 101 to 100 characters.",
        "a_text was shortened from 256 to 255 characters.",
    ]


def test_empty_values_change_nothing(attributes):
    capture(email="ada@example.org", first_name="Ada", attributes={"a_integer": 0, "a_text": "x"})
    contact = capture(
        email="ADA@example.org",
        overwrite=True,
        first_name="",
        birthday=None,
        attributes={"a_integer": None, "a_text": " "},
    )
    assert contact.first_name == "Ada"
    assert contact.attributes == {"a_integer": 0, "a_text": "x"}


def test_overwrite_replaces_what_is_there(attributes):
    first = capture(email="ada@example.org", first_name="Ada", attributes={"a_boolean": True})
    again = {"email": "ada@example.org", "first_name": "Augusta"}
    assert capture(**again, attributes={"a_boolean": False}).first_name == "Ada"
    contact = capture(**again, overwrite=True, attributes={"a_boolean": False})

    assert contact == first
    assert (contact.first_name, contact.attributes) == ("Augusta", {"a_boolean": False})


def test_the_past_does_not_move_the_last_activity_back():
    now = django_timezone.now()
    capture(email="ada@example.org", occurred_at=now)
    contact = capture(email="ada@example.org", occurred_at=now - timedelta(days=9))
    contact.refresh_from_db()
    assert contact.last_activity_at == now


def test_it_never_makes_a_company():
    from wagtail_salesforce.contacts.models import Company

    capture(email="ada@example.org", company_name="Analytical Engines")
    assert not Company.objects.exists()


def fails(*args, **kwargs):
    raise OperationalError("database is locked: ada@example.org")


@pytest.fixture
def broken(monkeypatch):
    monkeypatch.setattr(attempts, "MAX_TRIES", 2)
    monkeypatch.setattr(Activity.objects, "create", fails)
    return monkeypatch


def test_when_the_database_refuses_the_call_waits_on_the_ledger(broken, attributes, caplog):
    call = {
        "email": "ada@example.org",
        "activity": "purchase",
        "title": "Order",
        "value": "3000.5",
        "attributes": {"a_decimal": "12.50", "a_date": date(2026, 2, 28)},
        "birthday": date(1815, 12, 10),
        "occurred_at": "2026-02-28T09:30:00+00:00",
        "last_name": "x" * 200,
    }
    assert capture(**call) is None
    assert not Contact.objects.exists()
    assert "ada@" not in caplog.text
    entry = LedgerEntry.objects.get()
    assert (entry.state, entry.submission_model) == ("waiting", "capture")
    assert reconcile() == Reconciled(waiting=1)

    broken.undo()
    assert reconcile() == Reconciled(captured=1)
    assert reconcile() == Reconciled()
    entry.refresh_from_db()
    assert (entry.state, entry.payload) == ("captured", None)
    contact = Contact.objects.get()
    assert entry.contact_id == contact.pk
    assert contact.attributes == {"a_decimal": "12.50", "a_date": "2026-02-28"}
    assert (contact.birthday, contact.last_name) == (date(1815, 12, 10), "x" * 100)
    activity = contact.activities.get()
    assert (activity.type, activity.value) == ("purchase", Decimal("3000.5"))
    assert activity.occurred_at == datetime(2026, 2, 28, 9, 30, tzinfo=timezone.utc)
    assert "shortened" in activity.comment
    assert ActivityType.objects.get().name == "purchase"


def test_when_the_database_refuses_the_contact_as_it_is_comes_back(broken):
    known = Contact.objects.create(email="ada@example.org")
    assert capture(email="ada@example.org", first_name="Ada") == known
    known.refresh_from_db()
    assert known.first_name == ""


def test_in_a_broken_transaction_it_raises_nothing(attributes, caplog):
    connection.needs_rollback = True
    try:
        assert capture(email="ada@example.org") is None
        assert capture(email="ada@example.org", attributes={"a_text": "x"}) is None
    finally:
        connection.needs_rollback = False
    assert "could not be captured" in caplog.text


def test_it_can_be_undone_with_the_callers_transaction():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        capture(email="ada@example.org", activity="purchase")
        raise ZeroDivisionError
    assert not Contact.objects.exists()
    # The type's row was undone as well, and the next call makes it again.
    capture(email="ada@example.org", activity="purchase")
    assert ActivityType.objects.get().name == "purchase"
