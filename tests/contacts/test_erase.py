"""Erasing contacts: nothing that remains says anything of the person."""

from __future__ import annotations

import json
import logging
import re
from datetime import date
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection, models
from django.urls import reverse

from tests.cluster import work
from tests.contacts.making import connect, make_form, submit
from tests.ready import ready, run
from tests.replication.test_meanwhile import meanwhile
from wagtail_salesforce.contacts.capture import capture
from wagtail_salesforce.contacts.erase import Erased, erase
from wagtail_salesforce.contacts.forms import reconcile_submissions
from wagtail_salesforce.contacts.models import (
    Activity,
    Attribute,
    Company,
    CompanyMembership,
    Contact,
    LedgerEntry,
    Visitor,
)
from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.scoring.models import Rule, Score, ScorePoints
from wagtail_salesforce.signals import contacts_erasing


pytestmark = pytest.mark.django_db(transaction=True)

#: What is found of Ada anywhere is found by one of these words. None is a bare number of a few
#: digits: the microseconds of a moment would hold it once in a while.
ADA = {
    "email": "ada.quux@example.org",
    "first_name": "Adaquux",
    "middle_name": "Middlequux",
    "last_name": "Lovelacequux",
    "job_title": "Countessquux",
    "company_name": "Analyticalquux",
    "business_phone": "+44 20 7946 0001",
    "mobile_phone": "+44 20 7946 0002",
    "street": "Squarequux 12",
    "city": "Cityquux",
    "postal_code": "PCQUUX",
    "state": "Statequux",
    "country": "GB",
    "birthday": date(1815, 12, 10),
    "campaign": "Campaignquux",
    "notes": "Notesquux",
}
WORDS = [
    "quux",
    "20 7946",
    "1815-12-10",
]


def all_text_of_ours():
    """Every value in every table of ours and of what we use, as text, by table and column."""
    labels = {"wagtail_salesforce", "django_q"}
    ours = [model for model in apps.get_models() if model._meta.app_label in labels]
    ours.append(apps.get_model("wagtailcore.ModelLogEntry"))
    ours.append(apps.get_model("wagtailcore.ReferenceIndex"))
    with connection.cursor() as cursor:
        for model in ours:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(model._meta.db_table)}")
            for row in cursor.fetchall():
                for column, value in zip(cursor.description, row, strict=True):
                    yield f"{model._meta.db_table}.{column[0]}", _text(value)


def _text(value):
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).decode("utf-8", "replace")
    return str(value)


def traces():
    found = set()
    for place, text in all_text_of_ours():
        if any(word.lower() in text.lower() for word in WORDS):
            found.add(place)
    return found


def test_nothing_of_the_person_remains(org, admin_client, monkeypatch, caplog):
    contact = _ada(org, admin_client, monkeypatch)
    before = traces()
    assert len(before) > 15
    others = capture(email="bob@example.org", title="Hello")
    caplog.set_level(logging.DEBUG)
    erased = erase([contact.pk])
    work()
    assert erased.contacts == 1
    assert erased.activities >= 2
    assert traces() == set()
    assert not any(word in caplog.text.lower() for word in WORDS)
    [entry] = LedgerEntry.objects.exclude(contact_id=others.pk)
    assert (entry.state, entry.contact_id, entry.reason) == ("captured", None, "")
    link = LeadLink.objects.get(contact=None)
    assert (link.state, link.fingerprint, link.last_error_message) == ("erased", "", "")
    assert link.lead_id
    assert Contact.objects.get() == others
    assert Activity.objects.get().contact == others
    # The daily reconciling does not make the person anew.
    reconcile_submissions()
    run()
    assert traces() == set()
    assert Contact.objects.count() == 1


def _ada(org, admin_client, monkeypatch):
    """Ada, known to every table."""
    ready(org)
    score = Score.objects.create(name="Interest")
    Rule.objects.create(
        score=score, name="Forms", kind="activity", activity_type="form_submission", points=5
    )
    for name in ("motto", "extra"):
        Attribute.objects.create(name=name, label=name.title())
    page = make_form()
    connect(page)
    submit(page, your_name=ADA["last_name"], your_e_mail=ADA["email"], message="Helpquux")
    fields = {name: value for name, value in ADA.items() if name not in ("email", "last_name")}
    capture(
        email=ADA["email"],
        title="Titlequux",
        url="https://example.org/?q=quux",
        attributes={"motto": "Mottoquux", "extra": "Extraquux"},
        overwrite=True,
        **fields,
    )
    contact = Contact.objects.get()
    company = Company.objects.create(name="Babbage Ltd", primary_contact=contact)
    CompanyMembership.objects.create(company=company, contact=contact, role="Rolequux")
    Visitor.objects.create(key="quux" + "v" * 58, contact=contact)
    run()
    assert ScorePoints.objects.filter(contact=contact).exists()
    _edit_in_the_admin(contact, admin_client)
    _fail_to_capture(monkeypatch)
    LeadLink.objects.filter(contact=contact).update(last_error_message="Lovelacequux is bad")
    return contact


def _edit_in_the_admin(contact, admin_client):
    """So that the audit log has an entry of her."""
    from wagtail.log_actions import log

    log(contact, "wagtail.edit")
    assert apps.get_model("wagtailcore.ModelLogEntry").objects.filter(object_id=contact.pk)


def _fail_to_capture(monkeypatch):
    """A call that the database refused waits on the ledger, with all it was given."""
    from django.db import OperationalError

    from wagtail_salesforce.contacts import capture as module

    def refuse(facts):
        raise OperationalError

    with monkeypatch.context() as patched:
        patched.setattr(module, "record", refuse)
        patched.setattr("wagtail_salesforce.contacts.attempts.PATIENCE_SECONDS", 0)
        capture(email=ADA["email"].upper(), title="Laterquux")
    assert "Laterquux" in json.dumps(LedgerEntry.objects.get(state="waiting").payload)


@pytest.mark.parametrize("refused", [False, True])
def test_a_batch_under_way_writes_nothing_of_the_person_on_the_tombstone(org, refused):
    ready(org)
    contact = Contact.objects.create(email=ADA["email"], last_name=ADA["last_name"])
    if refused:
        org.fault("row_error", code="BAD_VALUE", message=f"{ADA['last_name']} is bad", count=1)
    with meanwhile(lambda: erase([contact.pk])):
        run()
    assert traces() == set()
    link = LeadLink.objects.get()
    assert (link.fingerprint, link.last_error_code, link.last_error_message) == ("", "", "")
    assert bool(link.lead_id) is not refused


def test_those_who_are_gone_already_are_passed_over():
    contact = Contact.objects.create(email="a@example.org")
    assert erase([contact.pk, contact.pk, 10**9]) == Erased(contacts=1)
    assert erase([contact.pk]) == Erased()
    assert erase([]) == Erased()


def test_a_contact_deleted_by_code_leaves_nothing_either(org, admin_client, monkeypatch):
    contact = _ada(org, admin_client, monkeypatch)
    contact.delete()
    assert traces() == set()
    assert LeadLink.objects.get().state == "erased"


def test_statements_do_not_depend_on_how_many(django_assert_max_num_queries):
    for number in (1, 900):
        people = Contact.objects.bulk_create(
            Contact(email=f"{number}-{index}@example.org", email_key=f"{number}-{index}@x.org")
            for index in range(number)
        )
        ids = list(Contact.objects.values_list("pk", flat=True))
        Activity.objects.bulk_create(
            Activity(contact_id=pk, type="order") for pk in ids for _ in range(3)
        )
        LeadLink.objects.bulk_create(LeadLink(contact_id=pk) for pk in ids)
        with django_assert_max_num_queries(40):
            erased = erase(ids)
        assert (erased.contacts, erased.activities) == (len(people), 3 * len(people))


def test_more_than_a_thousand():
    Contact.objects.bulk_create(Contact() for _ in range(1100))
    assert erase(Contact.objects.values_list("pk", flat=True)).contacts == 1100
    assert not Contact.objects.exists()


def test_a_sites_own_code_is_told_while_the_contacts_are_still_there():
    contact = Contact.objects.create(email="a@example.org")
    told = []

    def receiver(contact_ids, delete_leads, **kwargs):
        told.append((contact_ids, delete_leads, Contact.objects.count()))

    contacts_erasing.connect(receiver)
    try:
        erase([contact.pk])
    finally:
        contacts_erasing.disconnect(receiver)
    assert told == [([contact.pk], False, 1)]


def test_the_documented_way_to_delete_the_submissions_too():
    text = (Path(__file__).parents[2] / "docs" / "contacts.md").read_text(encoding="utf-8")
    [code] = [c for c in re.findall(r"```python\n(.*?)```", text, re.S) if "FormSubmission" in c]
    page = make_form()
    connect(page)
    submit(page, your_e_mail=ADA["email"])
    kept = submit(page, your_e_mail="bob@example.org")
    names = {}
    exec(code, names)
    try:
        erase([Contact.objects.get(email=ADA["email"]).pk])
    finally:
        contacts_erasing.disconnect(names["delete_submissions"])
    assert page.get_submission_class().objects.get() == kept


def test_a_fault_in_the_middle_undoes_the_thousand():
    contact = Contact.objects.create(email="a@example.org")
    Activity.objects.create(contact=contact, type="order")

    def receiver(**kwargs):
        raise ValueError("no")

    models.signals.post_delete.connect(receiver, sender=Contact)
    try:
        with pytest.raises(ValueError, match="no"):
            erase([contact.pk])
    finally:
        models.signals.post_delete.disconnect(receiver, sender=Contact)
    assert contact.activities.count() == 1
    assert LeadLink.objects.get().state == "new"


def test_the_attention_report_does_not_list_what_is_settled(org, admin_client):
    ready(org)
    contact = Contact.objects.create(email="a@example.org", last_name="One")
    run()
    erase([contact.pk])
    page = admin_client.get(reverse("wagtail_salesforce:attention")).content.decode()
    assert LeadLink.objects.get().lead_id not in page
