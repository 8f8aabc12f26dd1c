"""Many rows in one statement: the keys that come back belong to the rows that were given."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from django.db import connection
from django.db.models.expressions import RawSQL

from wagtail_salesforce.contacts import bulk
from wagtail_salesforce.contacts.models import Contact


pytestmark = pytest.mark.django_db

ROWS = [
    {
        "email": f"{number}@example.org",
        "email_key": f"{number}@example.org",
        "first_name": f'Zoë "{number}" \\ O\'Neil',
        "attributes": {"licences": number},
        "created_at": datetime(2026, 1, 1, 12, 0, 0, number, tzinfo=timezone.utc),
    }
    for number in range(2_500, 0, -1)
]


def test_the_keys_come_back_in_the_order_of_the_rows():
    numbers = bulk.insert(Contact, ROWS)
    if numbers is None:
        pytest.skip(f"{connection.vendor} does not tell the keys of inserted rows")
    contacts = Contact.objects.in_bulk(numbers)
    for number, row in zip(numbers, ROWS, strict=True):
        stored = contacts[number]
        assert {name: getattr(stored, name) for name in row} == row
        assert stored.notes == ""


def test_conflicts_are_left_out_where_that_is_asked_for():
    Contact.objects.create(email="1@example.org", first_name="Ada")
    assert bulk.insert(Contact, ROWS, ignore_conflicts=True) is None
    assert Contact.objects.count() == len(ROWS)
    assert Contact.objects.get(email_key="1@example.org").first_name == "Ada"


def test_the_columns_named_are_updated_and_no_others():
    bulk.insert(Contact, ROWS)
    contacts = list(Contact.objects.order_by("pk"))
    for contact in contacts:
        contact.city, contact.street = "Zürich", "not this"
        contact.attributes = {"licences": contact.pk}
    bulk.update(contacts, {"city", "attributes"}, unique="email_key")
    stored = Contact.objects.get(pk=contacts[7].pk)
    assert (stored.city, stored.street, stored.attributes) == (
        "Zürich",
        "",
        {"licences": stored.pk},
    )
    assert Contact.objects.filter(city="Zürich").count() == len(ROWS)


@pytest.mark.parametrize("count", [3, 2_000])
def test_a_lookup_takes_numbers(count):
    """Few go as a list on every database; on PostgreSQL many are one parameter."""
    bulk.insert(Contact, ROWS)
    numbers = list(Contact.objects.order_by("-pk").values_list("pk", flat=True)[:count])
    wanted = bulk.among(numbers, kind="bigint")
    one_parameter = connection.vendor == "postgresql" and count >= bulk.MANY
    assert isinstance(wanted, RawSQL if one_parameter else list)
    found = Contact.objects.filter(pk__in=wanted).order_by("-pk").values_list("pk", flat=True)
    assert list(found) == numbers
    assert not Contact.objects.filter(pk__in=bulk.among([-n for n in numbers], "bigint")).exists()


def test_a_lookup_takes_thousands_of_texts():
    bulk.insert(Contact, ROWS)
    keys = [row["email_key"] for row in ROWS[:2_000]]
    assert Contact.objects.filter(email_key__in=bulk.among(keys)).count() == 2_000
