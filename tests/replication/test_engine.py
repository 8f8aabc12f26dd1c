"""The replicator against the practice org: what arrives, what is recorded, what it costs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.ready import EXTERNAL_ID, make_contacts, ready, run
from wagtail_salesforce.contacts.erase import erase
from wagtail_salesforce.contacts.models import (
    Activity,
    Attribute,
    Company,
    CompanyMembership,
    Contact,
)
from wagtail_salesforce.replication import due
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings, Run
from wagtail_salesforce.scoring.models import Rule, Score
from wagtail_salesforce.scoring.recalculate import recalculate


pytestmark = pytest.mark.django_db(transaction=True)

State = LeadLink.State


def link_of(contact: Contact) -> LeadLink:
    return LeadLink.objects.get(contact=contact)


def test_new_contacts_become_leads_once(org):
    ready(org)
    contact = Contact.objects.create(
        email="ada@example.org", first_name="Ada", last_name="Lovelace", company_name="Engines"
    )
    result = run()
    assert (result.state, result.reason, result.counts["created"]) == ("finished", None, 1)
    [lead] = org.leads()
    link = link_of(contact)
    assert lead["LastName"] == "Lovelace"
    assert lead["Company"] == "Engines"
    assert lead[EXTERNAL_ID] == link.external_id
    assert (link.state, link.lead_id, link.due_at) == (State.REPLICATED, lead["Id"], None)
    assert link.synced_version == link.version
    assert run().as_json()["api_calls"] == 0
    assert len(org.leads()) == 1


def test_an_edit_updates_the_same_lead_and_clears_what_is_empty(org):
    ready(org)
    contact = Contact.objects.create(email="a@example.org", last_name="One", city="Leeds")
    run()
    contact.last_name, contact.city = "Two", ""
    contact.save()
    result = run()
    [lead] = org.leads()
    assert result.counts == {"updated": 1}
    assert (lead["LastName"], lead["City"]) == ("Two", None)


def test_an_unchanged_payload_costs_no_call(org):
    ready(org)
    contact = Contact.objects.create(email="a@example.org", last_name="One")
    run()
    org.clear_calls()
    contact.notes = "not mapped"
    contact.save()
    result = run()
    assert result.counts == {"unchanged": 1}
    assert org.calls(counted=True) == []
    assert link_of(contact).due_at is None


def test_one_bad_row_never_fails_its_batch(org):
    ready(org)
    good = Contact.objects.create(email="a@example.org", last_name="Good")
    bad = Contact.objects.create(email="not an address", last_name="Bad")
    result = run()
    assert result.state == "finished"
    assert result.counts == {"created": 1, "suspended": 1}
    assert link_of(good).state == State.REPLICATED
    link = link_of(bad)
    assert (link.state, link.last_error_code) == (State.SUSPENDED, "INVALID_EMAIL_ADDRESS")
    assert "not an address" not in link.last_error_message
    assert run().counts == {}
    bad.email = "b@example.org"
    bad.save()
    assert run().counts == {"created": 1}


def test_a_request_refused_whole_is_halved_until_the_bad_row_is_alone(org):
    from wagtail_salesforce.replication.extensions import (
        register_payload_hook,
        unregister_payload_hook,
    )

    ready(org)
    make_contacts(300)

    @register_payload_hook
    def spoil(leads):
        for lead in leads:
            if lead.payload["LastName"] == "Person 137":
                lead.payload["NumberOfEmployees"] = "many"

    try:
        result = run()
    finally:
        unregister_payload_hook(spoil)
    assert result.counts == {"created": 299, "suspended": 1}
    link = LeadLink.objects.get(contact__last_name="Person 137")
    assert link.last_error_code == "JSON_PARSER_ERROR"
    assert len(org.leads()) == 299


@pytest.mark.parametrize(("batch_size", "most"), [(1000, 3), (200, 13), (1, None), (350, 8)])
def test_api_calls_are_as_few_as_the_batch_size_allows(org, batch_size, most):
    ready(org, batch_size=batch_size)
    make_contacts(5 if batch_size == 1 else 2400)
    result = run()
    assert result.counts["created"] == (5 if batch_size == 1 else 2400)
    describes = len(org.calls(counted=True, path="describe"))
    calls = len(org.calls(counted=True)) - describes
    assert calls <= (most or 5)


def test_the_assignment_header_goes_with_every_call_and_subrequest(org):
    org.options(assignment_rule={"id": "01Q000000000001AAA", "owner_id": "005000000000002AAA"})
    ready(org)
    make_contacts(450)
    run()
    assert {lead["OwnerId"] for lead in org.leads()} != {"005000000000002AAA"}
    settings = ReplicationSettings.load()
    settings.assignment_rule = "active"
    settings.save()
    Contact.objects.create(email="new@example.org", last_name="Assigned")
    run()
    [lead] = [lead for lead in org.leads() if lead["LastName"] == "Assigned"]
    assert lead["OwnerId"] == "005000000000002AAA"


def test_nothing_due_makes_no_call(org):
    ready(org)
    result = run()
    assert (result.state, result.api_calls) == ("finished", 0)
    assert org.calls() == []


@pytest.mark.parametrize("batch_size", [1000, 200])
def test_the_statements_of_a_batch_are_few_and_constant(org, batch_size):
    def statements(count):
        make_contacts(count, email_key=None, email="")
        with CaptureQueriesContext(
            connection,
        ) as captured:
            run()
        erase(list(Contact.objects.values_list("pk", flat=True)))
        return len(captured)

    ready(org, batch_size=batch_size)
    one, four = statements(batch_size), statements(4 * batch_size)
    assert (four - one) / 3 <= 12


def test_the_history_of_a_run_is_kept(org):
    ready(org)
    make_contacts(2)
    result = run()
    kept = Run.objects.get(pk=result.run_id)
    assert (kept.state, kept.created, kept.trigger) == ("finished", 2, "command")
    assert kept.api_calls == result.api_calls
    assert kept.finished_at is not None


def test_a_score_chooses_and_a_recalculation_lets_more_contacts_go(org):
    """Kentico's example: one point per licence, contacts with 3,000 or more."""
    score = Score.objects.create(name="Licences")
    settings = ready(org, minimum_points=3000)
    settings.choose_score(score)
    settings.save()
    one_order, small_orders, too_few = (
        Contact.objects.create(email=f"{name}@example.org", last_name=name)
        for name in ("one", "several", "few")
    )
    Activity.objects.create(contact=one_order, type="purchase", value=3000)
    for _ in range(3):
        Activity.objects.create(contact=small_orders, type="purchase", value=1000)
    Activity.objects.create(contact=too_few, type="purchase", value=2999)
    assert run().counts == {}
    Rule.objects.create(
        score=score,
        name="Licences",
        kind="activity",
        activity_type="purchase",
        points=1,
        per="value",
    )
    recalculate(score)
    assert run().counts == {"created": 2}
    assert {lead["LastName"] for lead in org.leads()} == {"one", "several"}
    Activity.objects.create(contact=too_few, type="purchase", value=1)
    assert run().counts == {"created": 1}


def test_points_that_have_expired_do_not_count(org):
    score = Score.objects.create(name="Fresh")
    Rule.objects.create(
        score=score,
        name="Visit",
        kind="activity",
        activity_type="visit",
        points=5,
        validity_amount=10,
        validity_unit="days",
    )
    settings = ready(org, minimum_points=5)
    settings.choose_score(score)
    settings.save()
    contact = Contact.objects.create(email="a@example.org", last_name="One")
    old = timezone.now() - timedelta(days=11)
    Activity.objects.create(contact=contact, type="visit", occurred_at=old)
    assert run().counts == {}
    Activity.objects.create(contact=contact, type="visit")
    assert run().counts == {"created": 1}


@pytest.mark.parametrize("batch_size", [1000, 200])
def test_the_statements_stay_few_with_everything_switched_on(org, batch_size):
    """A score, consent, the company rule, shortened texts, new leads and known ones."""
    Attribute.objects.create(name="agreed", label="Agreed", type="boolean")
    score = Score.objects.create(name="All")
    Rule.objects.create(
        score=score,
        name="Any",
        kind="attribute",
        source="field",
        field="city",
        test="is_not_empty",
        points=5,
    )
    settings = ready(org, batch_size=batch_size, consent_attribute="agreed", minimum_points=5)
    settings.choose_score(score)
    settings.save()

    def statements(count):
        make_contacts(
            count,
            company_name="",
            city="Leeds",
            attributes={"agreed": True},
            email="",
            email_key=None,
        )
        company = Company.objects.create(name="Works")
        CompanyMembership.objects.bulk_create(
            CompanyMembership(company=company, contact=contact) for contact in Contact.objects.all()
        )
        recalculate(score)
        run()
        halves = Contact.objects.filter(
            pk__in=list(Contact.objects.values_list("pk", flat=True)[: count // 2])
        )
        halves.update(last_name="Renamed")
        few = Contact.objects.filter(pk__in=list(halves.values_list("pk", flat=True)[:50]))
        few.update(city="Y" * 90)
        due.resend_all()
        make_contacts(
            count // 2, attributes={"agreed": True}, email="", email_key=None, city="York"
        )
        recalculate(score)
        with CaptureQueriesContext(connection) as captured:
            result = run()
        assert result.counts["created"] == count // 2
        assert result.counts["updated"] == count // 2
        erase(list(Contact.objects.values_list("pk", flat=True)))
        return len(captured)

    one, three = statements(batch_size), statements(3 * batch_size)
    assert (three - one) / 2 <= 12
