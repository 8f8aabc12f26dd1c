"""When leads that exist are asked about, how many there are, and what sending them again does."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests.ready import PLAIN, make_contacts, ready, run
from tests.replication.bulk_help import one_slice
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication import due
from wagtail_salesforce.replication.again import cost, decided, is_asked, key_now
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings


pytestmark = pytest.mark.django_db

DESCRIBED = {**PLAIN, "Description": {"source": "custom", "name": "lead_description"}}


@pytest.fixture
def leads():
    """Four contacts with a lead, made by the settings as they are, and others that have none."""
    settings = ReplicationSettings.load()
    settings.mapping = Mapping.objects.create(name="Leads", fields=DESCRIBED)
    settings.default_company_name = "Unknown"
    settings.save()
    decided(settings)
    make_contacts(9)
    links = list(LeadLink.objects.order_by("pk"))
    at_rest = {"due_at": None, "lead_id": "00Q000000000001AAA"}
    for place, state in enumerate(["replicated"] * 4 + ["suspended", "excluded"]):
        LeadLink.objects.filter(pk=links[place].pk).update(state=state, **at_rest)
    links[6].contact.delete()
    return settings


def fresh() -> ReplicationSettings:
    return ReplicationSettings.load()


def test_nothing_is_asked_while_nothing_changed(leads):
    assert not is_asked(fresh())
    Mapping.objects.get().save()
    settings = fresh()
    settings.batch_size = 7
    settings.save()
    assert not is_asked(fresh())


@pytest.mark.parametrize(
    "change",
    [
        {"lead_description": "{{ contact.email }}"},
        {"default_company_name": "Nobody"},
    ],
)
def test_a_setting_that_is_written_into_leads_asks_where_it_is_mapped(leads, change):
    for name, value in change.items():
        setattr(leads, name, value)
    leads.save()
    assert is_asked(fresh())
    Mapping.objects.update(fields={"LastName": PLAIN["LastName"]})
    decided(fresh())
    settings = fresh()
    settings.lead_description, settings.default_company_name = "Other", "Other"
    settings.save()
    assert not is_asked(fresh()), "no row writes it"


def change_mapping(**changes) -> None:
    mapping = Mapping.objects.get(name="Leads")
    for name, value in changes.items():
        setattr(mapping, name, value)
    mapping.save()


def test_a_changed_row_asks_until_somebody_decides_or_it_is_taken_back(leads):
    change_mapping(fields={**DESCRIBED, "Fax": {"source": "field", "name": "mobile_phone"}})
    assert is_asked(fresh()) and is_asked(fresh())
    change_mapping(fields=DESCRIBED)
    assert not is_asked(fresh())
    change_mapping(fields=PLAIN)
    decided(fresh())
    assert not is_asked(fresh())


def test_the_name_and_the_identifier_change_no_lead(leads):
    change_mapping(name="Leads", external_id_field="Other__c")
    assert not is_asked(fresh())


def test_another_mapping_in_use_asks_only_where_it_differs(leads):
    same = Mapping.objects.create(name="Same", fields=dict(reversed(DESCRIBED.items())))
    other = Mapping.objects.create(name="Other", fields=PLAIN)
    for mapping, asked in ((same, False), (other, True)):
        settings = fresh()
        settings.mapping = mapping
        settings.save()
        assert is_asked(fresh()) is asked


def test_nobody_is_asked_without_leads_without_updates_or_without_a_mapping(leads):
    change_mapping(fields=PLAIN)
    ReplicationSettings.objects.update(keep_leads_updated=False)
    assert not is_asked(fresh())
    ReplicationSettings.objects.update(keep_leads_updated=True, mapping=None)
    assert not is_asked(fresh())
    ReplicationSettings.objects.update(mapping=Mapping.objects.get())
    assert is_asked(fresh())
    LeadLink.objects.filter(state="replicated").update(state="excluded")
    assert not is_asked(fresh())


@pytest.mark.parametrize(("batch", "calls"), [(1000, 1), (4, 1), (3, 2), (1, 4), (0, 4)])
def test_the_number_is_what_is_marked(leads, batch, calls):
    leads.batch_size = batch
    found = cost(leads, Connection.load())
    assert (found.contacts, found.calls) == (4, calls)
    before = dict(LeadLink.objects.values_list("pk", "version"))
    LeadLink.objects.update(due_at=None)
    assert due.resend_replicated() == found.contacts
    marked = LeadLink.objects.filter(due_at__isnull=False)
    assert {link.state for link in marked} == {"replicated"}
    assert all(link.version == before[link.pk] + 1 for link in marked)
    assert marked.count() == 4


def test_counting_and_marking_take_one_statement_each(leads, django_assert_num_queries):
    with django_assert_num_queries(1):
        due.replicated().count()
    with django_assert_num_queries(1):
        due.resend_replicated()


def test_what_is_left_of_the_day_is_told(leads):
    assert cost(leads, Connection.load()).left is None
    row = Connection.load()
    row.api_calls_used, row.api_calls_max, row.api_calls_at = 79, 100, timezone.now()
    leads.batch_size = 2
    assert (cost(leads, row).left, cost(leads, row).is_too_much) == (1, True)
    leads.batch_size = 4
    assert not cost(leads, row).is_too_much
    row.api_calls_used = 95
    assert cost(leads, row).left == 0


# With runs


@pytest.fixture
def site(org):
    ready(org)
    make_contacts(5)
    return org


@pytest.mark.django_db(transaction=True)
def test_the_first_run_settles_what_leads_are_written_by(site):
    change_mapping(fields={"LastName": PLAIN["LastName"], "Company": PLAIN["Company"]})
    assert run().counts == {"created": 5}
    assert fresh().payload_key == key_now(fresh()) and not is_asked(fresh())
    change_mapping(fields=PLAIN)
    assert is_asked(fresh())
    Contact.objects.create(email="new@example.org", last_name="New")
    assert run().counts == {"created": 1}
    assert is_asked(fresh()), "a run decides nothing while leads exist"


@pytest.mark.django_db(transaction=True)
def test_sending_again_costs_what_was_said_and_unchanged_leads_nothing(site):
    ReplicationSettings.objects.update(batch_size=2)
    run()
    fields = {**PLAIN, "Fax": {"source": "field", "name": "mobile_phone"}}
    Contact.objects.filter(last_name__in=["Person 1", "Person 3"]).update(mobile_phone="+44 1")
    change_mapping(fields=fields)
    site.clear_calls()
    assert run().counts == {} and site.calls() == [], "nothing goes by itself"
    said = cost(fresh(), Connection.load())
    assert (said.contacts, said.calls) == (5, 3)
    assert due.resend_replicated() == 5
    result = run()
    assert result.counts == {"updated": 5} and result.api_calls == 3
    assert sum(lead["Fax"] == "+44 1" for lead in site.leads()) == 2
    site.clear_calls()
    assert due.resend_replicated() == 5
    assert run().counts == {"unchanged": 5} and site.calls(counted=True) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sent_before", [0, 2])
@pytest.mark.usefixtures("naps")
def test_leads_that_a_bulk_job_is_making_are_asked_about_and_sent_again(org, sent_before):
    ready(org)
    for contact in make_contacts(8, city="Leeds", job_title="Director")[:sent_before]:
        run(contact_id=contact.pk)
    assert one_slice().more
    change_mapping(fields={**PLAIN, "Title": {"source": "field", "name": "city"}})
    assert is_asked(fresh()) and cost(fresh(), Connection.load()).contacts == 8
    assert due.resend_replicated() == 8
    decided(fresh())
    run()
    assert [lead["Title"] for lead in org.leads()] == ["Leeds"] * 8
