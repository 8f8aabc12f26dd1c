"""Another org, or a copied database, behind the same links: nothing is mixed and nothing doubled."""

from __future__ import annotations

import pytest

from tests.connecting import connect, connect_by_person
from tests.ready import make_contacts, ready, run
from tests.replication.test_meanwhile import meanwhile
from tests.replication.test_policy_combined import each_once
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.site import confirm_site
from wagtail_salesforce.practice_org.control import PracticeOrg
from wagtail_salesforce.replication import due
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings
from wagtail_salesforce.signals import after_batch


pytestmark = pytest.mark.django_db(transaction=True)

State = LeadLink.State


@pytest.fixture
def second_org():
    with PracticeOrg.start() as other:
        other.options(org_name="Another Ltd", org_id="00D000000000077")
        yield other


def untouched(org):
    return {lead["Id"]: lead["LastName"] for lead in org.leads()}


def test_another_org_behind_the_same_links(org, second_org):
    ready(org)
    contacts = make_contacts(3)
    run()
    before = untouched(org)
    connect(second_org)
    for contact in contacts:
        contact.last_name = "Edited"
        contact.save()
    make_contacts(2, email="", email_key=None)
    second_org.clear_calls()
    result = run()
    assert (result.state, result.reason) == ("stopped", "org_changed")
    assert second_org.calls(counted=True) == []
    assert second_org.leads() == []
    due.start_over(Connection.load().org_id)
    assert run().counts == {"created": 5}
    assert second_org.count_leads() == 5
    assert untouched(org) == before
    assert set(LeadLink.objects.values_list("org_id", flat=True)) == {Connection.load().org_id}


@pytest.mark.parametrize("expired", [False, True])
def test_the_connection_goes_to_another_org_while_a_batch_is_under_way(org, second_org, expired):
    ready(org, batch_size=200)
    make_contacts(600)

    def move():
        connect(second_org)
        if expired:
            org.expire_tokens()

    with meanwhile(move, signal=after_batch):
        run()
    assert second_org.leads() == []
    done = LeadLink.objects.filter(state=State.REPLICATED).count()
    assert done == org.count_leads()
    org_ids = set(LeadLink.objects.exclude(lead_id="").values_list("org_id", flat=True))
    assert org_ids == {ReplicationSettings.load().org_id} != {Connection.load().org_id}
    assert Connection.load().is_authorized
    assert run().reason == "org_changed"
    assert second_org.leads() == []


def test_a_copied_database_sends_nothing_and_spends_no_token(org, settings):
    ready(org)
    connect_by_person(org)
    org.options(rotation=True)
    contacts = make_contacts(3)
    run()
    for contact in contacts:
        contact.last_name = "On staging"
        contact.save()
    org.expire_tokens()
    org.clear_calls()
    settings.WAGTAILADMIN_BASE_URL = "https://staging.example.org"
    assert run().reason == "site_changed"
    assert org.calls() == []
    assert LeadLink.objects.filter(due_at__isnull=False).count() == 3
    settings.WAGTAILADMIN_BASE_URL = "http://testserver"
    assert run().counts == {"updated": 3}
    settings.WAGTAILADMIN_BASE_URL = "https://new.example.org"
    contacts[0].save()
    confirm_site()
    assert run().reason is None


def test_a_copy_that_ran_beside_the_original_makes_no_second_lead(org):
    """Somebody confirmed the copy: it upserts by the external ids it took along."""
    ready(org)
    make_contacts(3)
    links = list(LeadLink.objects.values("pk", "version", "synced_version", "due_at", "state"))
    run()
    for link in links:
        LeadLink.objects.filter(pk=link.pop("pk")).update(
            **link, lead_id="", org_id="", fingerprint=""
        )
    assert run().reason is None
    each_once(org, 3)
