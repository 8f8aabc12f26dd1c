"""Contacts, attributes, companies and activity types: their rules."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from wagtail_salesforce.contacts import activity_types
from wagtail_salesforce.contacts.changes import gather_changes, note_change
from wagtail_salesforce.contacts.emails import email_key, valid_email
from wagtail_salesforce.contacts.models import (
    Activity,
    ActivityType,
    Attribute,
    Company,
    CompanyMembership,
    Contact,
)
from wagtail_salesforce.signals import contacts_changed


@pytest.fixture
def told():
    """What the higher rooms are told, one entry each time."""
    heard = []

    def listen(changes, **kwargs):
        heard.append({pk: (change.created, set(change.fields)) for pk, change in changes.items()})

    contacts_changed.connect(listen, weak=False)
    yield heard
    contacts_changed.disconnect(listen)


@pytest.mark.parametrize(
    ("email", "key"),
    [
        ("Ada@Example.ORG", "ada@example.org"),
        (" ada@example.org ", "ada@example.org"),
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
        ("ada@bucher.example", "ada@bucher.example"),
        ("no-domain", "no-domain"),
        ("", None),
        ("  ", None),
        ("ada@ü..example", "ada@ü..example"),
    ],
)
def test_the_key_of_an_e_mail(email, key):
    assert email_key(email) == key


def test_a_valid_e_mail_keeps_its_case():
    assert valid_email(" Ada@Example.org\x00") == "Ada@Example.org"


@pytest.mark.django_db
def test_one_contact_per_e_mail_and_many_without():
    Contact.objects.create(email="ada@example.org")
    Contact.objects.create()
    Contact.objects.create()
    with pytest.raises(IntegrityError), transaction.atomic():
        Contact.objects.create(email="ADA@example.org")
    with pytest.raises(ValidationError, match="Another contact already has this e-mail"):
        Contact(email="Ada@example.org").full_clean()
    Contact.objects.create(email="ada@éxample.org")
    Contact.objects.get(email_key="ada@example.org").full_clean()


@pytest.mark.django_db
def test_saving_the_e_mail_alone_saves_its_key():
    contact = Contact.objects.create(email="ada@example.org")
    contact.email = "Augusta@example.org"
    contact.save(update_fields=["email"])
    contact.refresh_from_db()
    assert contact.email_key == "augusta@example.org"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["email", "created_at", "owner", "id", "full_name", "companies"])
def test_an_attribute_may_not_repeat_a_contact_field(name):
    with pytest.raises(ValidationError, match="Contacts have a field of this name"):
        Attribute(name=name, label="x").full_clean()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["Licences", "1st", "a b", "licences\n", "", "ü"])
def test_an_attribute_needs_a_proper_name(name):
    with pytest.raises(ValidationError):
        Attribute(name=name, label="x").full_clean()


@pytest.mark.django_db
def test_an_attribute_with_values_keeps_its_type():
    attribute = Attribute.objects.create(name="licences", label="Licences", type="integer")
    attribute.type = "text"
    attribute.full_clean()
    Contact.objects.create(attributes={"licences": 3})
    with pytest.raises(ValidationError, match="Contacts already hold values"):
        attribute.full_clean()
    attribute.type, attribute.label = "integer", "Number of licences"
    attribute.full_clean()


@pytest.mark.django_db
def test_activity_types_of_code_and_of_editors(monkeypatch):
    monkeypatch.setattr(activity_types, "_registered", {**activity_types._registered})
    activity_types.register("webinar", "Webinar")
    activity_types.ensure("purchase")
    activity_types.ensure("purchase")
    activity_types.ensure("webinar")

    assert activity_types.labels().items() >= {
        ("form_submission", "Form submission"),
        ("page_visit", "Page visit"),
        ("webinar", "Webinar"),
        ("purchase", "Purchase"),
    }
    assert list(ActivityType.objects.values_list("name", flat=True)) == ["purchase"]
    with pytest.raises(ValueError, match="lower-case letters"):
        activity_types.register("Web inar", "Webinar")
    with pytest.raises(ValidationError, match="built in"):
        ActivityType(name="page_visit", label="x").full_clean()


@pytest.mark.django_db(transaction=True)
def test_a_known_activity_type_asks_no_database(django_assert_num_queries):
    activity_types.ensure("purchase")
    with django_assert_num_queries(0):
        activity_types.ensure("purchase")
        activity_types.ensure("form_submission")


@pytest.mark.django_db
def test_a_unit_of_work_is_told_once(told):
    with gather_changes():
        contact = Contact.objects.create(email="ada@example.org")
        contact.save(update_fields=["city"])
        with gather_changes():
            Activity.objects.create(contact=contact, type="purchase")
        assert told == []
    assert told == [{contact.pk: (True, {"*", "city", "modified_at"})}]


@pytest.mark.django_db
def test_what_was_undone_is_not_told(told):
    with pytest.raises(ZeroDivisionError), gather_changes():
        Contact.objects.create()
        raise ZeroDivisionError
    assert told == []
    with gather_changes():
        kept = Contact.objects.create()
        with pytest.raises(ZeroDivisionError), gather_changes():
            kept.save(update_fields=["city"])
            Contact.objects.create()
            raise ZeroDivisionError
    assert told == [{kept.pk: (True, {"*"})}]
    assert Contact.objects.count() == 1


@pytest.mark.django_db
def test_a_change_on_its_own_is_told_at_once(told):
    contact = Contact.objects.create()
    told.clear()
    note_change(contact.pk, fields={"company"})
    assert told == [{contact.pk: (False, {"company"})}]


@pytest.fixture
def people():
    return [Contact.objects.create(email=f"p{number}@example.org") for number in range(5)]


@pytest.mark.django_db
def test_a_company_concerns_its_people_old_and_new(people, told):
    first, second, third, member, _stranger = people
    company = Company.objects.create(name="A", primary_contact=first, secondary_contact=second)
    CompanyMembership.objects.create(company=company, contact=member)
    told.clear()

    company.primary_contact = third
    company.secondary_contact = None
    company.save()
    assert told == [{pk: (False, {"company"}) for pk in (first.pk, second.pk, third.pk, member.pk)}]
    told.clear()
    Company(pk=company.pk, name="Made by hand").save()
    assert set(told[0]) == {third.pk, member.pk}


@pytest.mark.django_db
def test_a_company_that_goes_concerns_its_people(people, told):
    first, second, _third, member, _stranger = people
    company = Company.objects.create(name="A", primary_contact=first, secondary_contact=second)
    CompanyMembership.objects.create(company=company, contact=member)
    told.clear()
    company.delete()
    assert {pk for changes in told for pk in changes} == {first.pk, second.pk, member.pk}


@pytest.mark.django_db
@pytest.mark.parametrize("by_queryset", [False, True])
def test_a_contact_that_goes_is_not_told_as_changed(people, told, by_queryset):
    contact = people[0]
    company = Company.objects.create(name="A", primary_contact=contact)
    CompanyMembership.objects.create(company=company, contact=contact)
    told.clear()
    if by_queryset:
        Contact.objects.filter(pk=contact.pk).delete()
    else:
        contact.delete()
    assert told == []
    connection.check_constraints()
    CompanyMembership.objects.create(company=company, contact=people[1])
    told.clear()
    CompanyMembership.objects.all().delete()
    assert told == [{people[1].pk: (False, {"company"})}]
