"""What a payload hook does wrong stays with its own contact, and what it may send arrives."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.utils.translation import gettext_lazy

from tests.ready import EXTERNAL_ID, make_contacts, ready, run
from tests.replication.bulk_help import COMPOSITE
from tests.testapp.extensions import as_it_was
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.replication.extensions import register_payload_hook
from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.replication.verdicts import Verdict, register_verdict


pytestmark = pytest.mark.django_db(transaction=True)

RULE = "FIELD_CUSTOM_VALIDATION_EXCEPTION"


@pytest.fixture(autouse=True)
def registered():
    with as_it_was():
        yield


def spoil(name, change):
    """Let a hook of the site change the lead of one person."""

    @register_payload_hook
    def careless(leads):
        for lead in leads:
            if lead.payload["LastName"] == name:
                change(lead)


def suspended():
    """The reason of the only contact that is suspended, and whose it is."""
    link = LeadLink.objects.get(state=LeadLink.State.SUSPENDED)
    return link.contact.last_name, link.last_error_code, link.last_error_message


def assert_blamed(name, *words):
    """The hook is named as what suspended this one contact."""
    whose, code, message = suspended()
    assert (whose, code) == (name, "EXTENSION_FAILED")
    for each in ("careless of this site", *words):
        assert each in message


def leads_by_key(org):
    return {lead[EXTERNAL_ID]: (lead["Id"], lead["LastName"]) for lead in org.leads()}


@pytest.fixture(params=["composite", "bulk"])
def carrier(request):
    """Leads that exist already go by one Collections call, or by a Bulk job."""
    if request.param == "bulk":
        request.getfixturevalue("naps")
    return request.param


@pytest.mark.parametrize("name", ["id", "ID", EXTERNAL_ID.lower(), "ATTRIBUTES"])
def test_no_spelling_of_an_address_writes_into_another_lead(org, carrier, name):
    ready(org)
    contacts = make_contacts(8)
    run()
    before, others = leads_by_key(org), org.leads()[5]
    for contact in contacts[:7]:
        contact.job_title = "Changed"
        contact.save()
    org.clear_calls()
    spoil("Person 3", lambda lead: lead.payload.update({name: others["Id"]}))
    assert run().counts == {"updated": 6, "suspended": 1}
    assert bool(org.calls(path=COMPOSITE)) is (carrier == "composite")
    assert_blamed("Person 3", name)
    assert leads_by_key(org) == before


def test_a_new_lead_keeps_its_external_id(org, carrier):
    ready(org)
    make_contacts(8)
    spoil("Person 3", lambda lead: lead.payload.update({EXTERNAL_ID.upper(): "mine"}))
    assert run().counts == {"created": 7, "suspended": 1}
    assert_blamed("Person 3", EXTERNAL_ID.upper())
    assert "mine" not in leads_by_key(org)


def test_whose_lead_it_is_holds_whatever_a_verdict_has_done_to_the_payload(org):
    ready(org)
    make_contacts(2)
    run()
    own, others = org.leads()
    Contact.objects.get(last_name="Person 0").save()
    spoil("Person 0", lambda lead: lead.payload.update(Title="Changed"))

    @register_verdict(RULE)
    def meddles(refused):
        refused.lead.payload["id"] = others["Id"]
        return Verdict.again()

    org.fault("row_error", count=1, code=RULE, message="No.")
    run()
    titles = {lead["Id"]: lead["Title"] for lead in org.leads()}
    assert titles == {own["Id"]: "Changed", others["Id"]: None}


def test_one_field_under_two_spellings_is_not_left_to_chance(org, carrier):
    ready(org)
    make_contacts(8)
    spoil("Person 3", lambda lead: lead.payload.update(lastname="Other"))
    assert run().counts == {"created": 7, "suspended": 1}
    assert_blamed("Person 3", "LastName, lastname")


NAIVE = datetime(2026, 1, 1)


@pytest.mark.parametrize(
    ("value", "words"),
    [(NAIVE, "time zone"), ([NAIVE], "time zone"), ("a\ud800", "surrogates"), (2**70, "64-bit")],
    ids=["naive", "nested", "surrogate", "large"],
)
@pytest.mark.parametrize("count", [3, 250])
def test_a_value_that_cannot_be_sent_suspends_one_contact(org, count, value, words):
    ready(org)
    make_contacts(count)
    spoil("Person 1", lambda lead: lead.payload.update(Title=value))
    assert run().counts == {"created": count - 1, "suspended": 1}
    assert_blamed("Person 1", "Title", words)
    assert len(org.calls(path=COMPOSITE)) == 1


def replace_payload(lead):
    lead.payload = None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (replace_payload, "dictionary"),
        (lambda lead: lead.payload.update({5: "x"}), "The name of a field is a text"),
        (lambda lead: lead.payload.update({None: None, "title": 1}), "ignores the case"),
    ],
)
def test_a_payload_of_the_wrong_shape_suspends_one_contact_and_no_run(org, change, words):
    ready(org)
    make_contacts(3)
    spoil("Person 1", change)

    @register_payload_hook
    def another(leads):
        for lead in leads:
            lead.payload["City"] = lead.payload["LastName"].upper()

    result = run()
    assert (result.state, result.counts) == ("finished", {"created": 2, "suspended": 1})
    assert_blamed("Person 1", words)
    assert {lead["City"] for lead in org.leads()} == {"PERSON 0", "PERSON 2"}


VALUES = {
    "AnnualRevenue": (Decimal("12.50"), 12.5),
    "NumberOfEmployees": (Decimal(7), 7),
    "Title": (gettext_lazy("Yes"), "Yes"),
    "Seen__c": (datetime.fromisoformat("2026-03-29T01:30:00+00:00"), None),
    "Day__c": (date(2026, 3, 29), "2026-03-29"),
}


def test_what_the_client_takes_a_hook_may_send_and_it_stays_the_same(org, carrier):
    org.add_field("Lead", name="Seen__c", label="Seen", type="datetime")
    org.add_field("Lead", name="Day__c", label="Day", type="date")
    ready(org)
    contacts = make_contacts(8)

    @register_payload_hook
    def more(leads):
        for lead in leads:
            lead.payload |= {name: value for name, (value, _read) in VALUES.items()}

    assert run().counts == {"created": 8}
    for lead in org.leads():
        assert lead["Seen__c"].startswith("2026-03-29T01:30:00")
        assert {name: lead[name] for name, (_v, read) in VALUES.items() if read} == {
            name: read for name, (_v, read) in VALUES.items() if read
        }
    for contact in contacts:
        contact.save()
    assert run().counts == {"unchanged": 8}


def test_only_the_row_to_blame_is_suspended_where_a_value_is_spoilt_on_its_way(org):
    ready(org)
    make_contacts(7)

    @register_verdict(RULE)
    def spoils(refused):
        if refused.lead.payload["LastName"] == "Person 4":
            refused.lead.payload["Title"] = object()
        return Verdict.again()

    org.fault("row_error", count=7, code=RULE, message="No.")
    org.clear_calls()
    assert run().counts == {"created": 6, "suspended": 1}
    assert suspended()[:2] == ("Person 4", "UNENCODABLE_VALUE")
