"""The buttons of the panel."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.html import escape
from django_q.models import OrmQ, Schedule
from wagtail.models import ModelLogEntry

from tests.admin.people import client_of, messages_of
from tests.cluster import work
from tests.ready import make_contacts, ready, run
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.exceptions import REASONS
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings, Run


pytestmark = pytest.mark.django_db

#: With real commits, so that what is queued on commit is queued.
AS_DEPLOYED = pytest.mark.django_db(transaction=True)

BASE = "/admin/salesforce/"
POSTS = {
    "replicate/": "run_replication",
    "test/": "authorize_connection",
    "confirm-site/": "authorize_connection",
    "clear/": "authorize_connection",
    "start-over/": "authorize_connection",
}
EVERYTHING = {
    "authorize_connection",
    "change_replicationsettings",
    "change_mapping",
    "run_replication",
    "view_run",
    "view_leadlink",
}


@pytest.mark.parametrize(("path", "permission"), POSTS.items())
def test_each_button_asks_for_its_permission(path, permission):
    others = client_of(*(EVERYTHING - {permission}))
    assert others.post(BASE + path).url == "/admin/"
    response = client_of(permission).post(BASE + path)
    assert response.status_code == 302 and response.url.startswith(BASE)


def test_replicate_now_says_beside_it_why_it_is_not_possible(admin_client, org):
    page = admin_client.get(BASE).content.decode()
    button = re.search(r"<button([^>]*)>Replicate now<", page)[1]
    assert 'aria-disabled="true"' in button and "button-secondary" in button
    name = re.search(r'aria-describedby="([^"]*)"', button)[1]
    reason = re.search(rf'id="{name}">([^<]*)<', page)[1]
    assert reason == f"Not possible at present: {escape(REASONS['not_authorized'].text)}"
    ready(org)
    page = admin_client.get(BASE).content.decode()
    assert 'class="button" type="submit">Replicate now<' in page and name not in page


@pytest.mark.parametrize("path", ["replicate/", "test/", "confirm-site/"])
def test_nothing_happens_on_a_plain_visit(admin_client, path):
    assert admin_client.get(BASE + path).status_code == 405


@pytest.mark.parametrize("path", ["clear/", "start-over/"])
def test_the_pages_that_ask_first_need_the_permission_too(path):
    assert client_of("authorize_connection").get(BASE + path).status_code == 200
    assert client_of(*(EVERYTHING - {"authorize_connection"})).get(BASE + path).url == "/admin/"


@AS_DEPLOYED
def test_replicate_now_queues_a_run_that_replicates(org):
    ready(org)
    make_contacts(2)
    client = client_of("run_replication")
    response = client.post(f"{BASE}replicate/", follow=True)
    assert "Replication is starting" in messages_of(response)[0]
    assert OrmQ.objects.count() == 1
    assert OrmQ.objects.get().key == "salesforce"
    work()
    assert org.count_leads() == 2
    assert Run.objects.get().trigger == "panel"
    assert ModelLogEntry.objects.filter(action="wagtail_salesforce.replicate_now").count() == 1


def test_replicate_now_says_what_stops_it_and_queues_nothing(admin_client):
    response = admin_client.post(f"{BASE}replicate/", follow=True)
    assert messages_of(response) == [
        "Replication was not started: The site is not authorized to use the Salesforce "
        "organization. Authorize the organization under Organization access."
    ]
    assert not OrmQ.objects.exists()


@AS_DEPLOYED
def test_replicate_now_without_a_cluster_says_what_to_do(org):
    ready(org)
    Schedule.objects.update(next_run=timezone.now() - timedelta(minutes=10))
    response = client_of("run_replication").post(f"{BASE}replicate/", follow=True)
    (text,) = messages_of(response)
    assert "queued" in text and "Q_CLUSTER_NAME=salesforce python manage.py qcluster" in text
    assert OrmQ.objects.count() == 1


def test_a_connection_that_works_is_said_in_words(admin_client, org):
    ready(org)
    texts = messages_of(admin_client.post(f"{BASE}test/", follow=True))
    assert texts[0] == "Connected to Practice Org Ltd as integration@practice.example."


def test_a_connection_that_does_not_work_is_said_with_the_cure(admin_client, org):
    ready(org)
    Connection.objects.update(client_secret="wrong")
    org.revoke_tokens()
    texts = messages_of(admin_client.post(f"{BASE}test/", follow=True))
    assert len(texts) == 1 and "secret" in texts[0] and "again" in texts[0]


def test_clear_asks_first_then_revokes(admin_client, org):
    ready(org)
    row = Connection.load()
    page = admin_client.get(f"{BASE}clear/").content.decode()
    assert "Practice Org Ltd" in page and "Yes, clear the connection" in page
    assert Connection.load().is_authorized
    response = admin_client.post(f"{BASE}clear/", follow=True)
    assert len(messages_of(response)) == 1
    cleared = Connection.load()
    assert not cleared.is_authorized and not cleared.access_token
    assert cleared.client_id == org.CLIENT_ID
    entry = ModelLogEntry.objects.get(action="wagtail_salesforce.clear")
    assert entry.data == {"org_id": row.org_id}


OTHER_ORG = "00D5e000000ZzZzEAK"


@pytest.fixture
def moved(org):
    """The site was connected to another org, where two contacts have their leads."""
    settings = ready(org)
    make_contacts(3)
    run()
    links = LeadLink.objects.order_by("pk")
    LeadLink.objects.update(org_id=OTHER_ORG)
    LeadLink.objects.filter(pk=links[2].pk).update(
        state="excluded", excluded_reason="by_hand", due_at=None
    )
    ReplicationSettings.objects.filter(pk=settings.pk).update(org_id=OTHER_ORG)
    return org


def test_another_organization_is_explained(admin_client, moved):
    page = admin_client.get(BASE).content.decode()
    assert 'data-problem="org_changed"' in page
    assert f"{BASE}start-over/" in page
    asked = admin_client.get(f"{BASE}start-over/").content.decode()
    assert "Practice Org Ltd" in asked and "3 leads" in " ".join(asked.split())


def test_start_over_makes_contacts_new_again(admin_client, moved):
    org_id = Connection.load().org_id
    response = admin_client.post(f"{BASE}start-over/", {"org_id": org_id}, follow=True)
    assert 'data-problem="org_changed"' not in response.content.decode()
    assert ReplicationSettings.load().org_id == org_id
    first, second, by_hand = LeadLink.objects.order_by("pk")
    assert (first.state, first.lead_id) == (second.state, second.lead_id) == ("new", "")
    assert (by_hand.state, by_hand.due_at) == ("excluded", None)
    entry = ModelLogEntry.objects.get(action="wagtail_salesforce.start_over")
    assert set(entry.data) == {"org_id", "links"}


@pytest.mark.parametrize("org_id", ["", OTHER_ORG])
def test_start_over_only_for_the_organization_that_was_named(admin_client, moved, org_id):
    admin_client.post(f"{BASE}start-over/", {"org_id": org_id})
    assert ReplicationSettings.load().org_id == OTHER_ORG
    assert LeadLink.objects.filter(lead_id="").count() == 0


def test_there_is_nothing_to_start_over_in_the_same_organization(admin_client, org):
    ready(org)
    make_contacts(1)
    run()
    page = admin_client.get(f"{BASE}start-over/").content.decode()
    assert "There is nothing to start over" in page
    org_id = Connection.load().org_id
    admin_client.post(f"{BASE}start-over/", {"org_id": org_id})
    assert LeadLink.objects.get().lead_id
