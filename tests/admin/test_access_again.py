"""Authorizing again: what is typed and not finished, and another organization."""

from __future__ import annotations

import pytest

from tests.admin.access import PANEL, come_back, trusting, typed, typed_for_jwt
from tests.admin.people import client_of, messages_of
from tests.private_keys import keys
from tests.ready import make_contacts, ready, run
from wagtail_salesforce.connection import lock
from wagtail_salesforce.connection.draft import DRAFT_KEY
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.session import get_client
from wagtail_salesforce.practice_org.control import PracticeOrg
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings


pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def base_url(settings):
    """The address that the practice org knows as callback."""
    settings.WAGTAILADMIN_BASE_URL = "http://localhost"


@pytest.fixture
def client(db):
    return client_of("authorize_connection")


@pytest.fixture
def connected(client, org):
    come_back(client, org, client.post(PANEL, typed(org)))
    return Connection.load()


def told(response):
    """The newest message."""
    return messages_of(response)[-1]


def page_of(client):
    return " ".join(client.get(PANEL).content.decode().split())


def row():
    return Connection.objects.values().get()


def it_works(org):
    """Also after its access token has expired, for which key and secret are needed."""
    org.expire_tokens()
    with get_client() as salesforce:
        return bool(salesforce.describe("Lead"))


def test_a_flow_that_is_abandoned_leaves_the_connection_alone(client, org, connected):
    before = row()
    response = client.post(PANEL, typed(org, client_id="another-key", client_secret="another"))
    assert "client_id=another-key" in response.url
    assert row() == before
    assert it_works(org)


def test_the_page_says_what_counts_and_what_does_not(client, org, connected):
    client.post(PANEL, typed(org, client_id="another-key", client_secret="another-word"))
    page = page_of(client)
    assert "did not finish" in page and "another-key" in page
    assert client.get(PANEL).context["access"].form["client_id"].value() == org.CLIENT_ID
    assert "another-word" not in page and "another-word" not in str(dict(client.session))
    assert "did not finish" not in page_of(client_of("authorize_connection"))
    forgotten = client.post(PANEL, {"form": "access", "do": "forget"}, follow=True)
    assert "forgotten" in told(forgotten)
    assert "another-key" not in page_of(client) and DRAFT_KEY not in client.session


def test_what_was_typed_counts_once_it_is_finished(client, org, connected):
    Connection.objects.update(client_secret="a former secret", client_id="former")
    first = client.post(PANEL, typed(org))
    denied = come_back(client, org, first, allow=False)
    assert "denied" in told(denied)
    assert Connection.load().client_id == "former"
    response = client.post(PANEL, {"form": "access", "do": "continue"})
    assert "Connected" in told(come_back(client, org, response))
    now = Connection.load()
    assert (now.client_id, now.client_secret) == (org.CLIENT_ID, org.CLIENT_SECRET)
    assert DRAFT_KEY not in client.session


def test_a_wrong_secret_typed_while_connected_breaks_nothing(client, org, connected):
    response = client.post(PANEL, typed(org, client_secret="wrong"))
    assert "consumer secret" in told(come_back(client, org, response))
    assert Connection.load().client_secret == org.CLIENT_SECRET
    assert it_works(org)


def test_another_way_that_succeeds_makes_the_draft_void(client, org, connected):
    client.post(PANEL, typed(org, client_id="another-key"))
    client.post(PANEL, typed(org, flow="client-credentials"))
    assert DRAFT_KEY not in client.session and Connection.load().client_id == org.CLIENT_ID


def test_a_draft_under_another_encryption_key_is_no_traceback(client, org, connected, settings):
    client.post(PANEL, typed(org, client_id="another-key"))
    settings.WAGTAIL_SALESFORCE = {
        "ALLOW_LOOPBACK_ORG": True,
        "ENCRYPTION_KEYS": ["MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="],
    }
    assert "did not finish" not in page_of(client)


def test_a_draft_that_is_gone_does_not_authorize_with_other_values(client, org, connected):
    client.post(PANEL, typed(org, client_id="another-key"))
    client.post(PANEL, {"form": "access", "do": "forget"})
    again = client.post(PANEL, {"form": "access", "do": "continue"}, follow=True)
    assert "Nothing is waiting any more" in told(again)


def test_clearing_while_tokens_are_renewed_is_told(client, org, connected, monkeypatch):
    monkeypatch.setattr(lock, "SHORT_WAIT", 0.05)
    monkeypatch.setattr(lock, "_row_if_free", lambda: None)
    with lock._in_this_process:
        response = client.post(f"{PANEL}clear/", follow=True)
    assert "Another process is renewing the access" in told(response)
    assert Connection.load().is_authorized


def test_authorize_again_uses_what_is_in_force(client, org, connected):
    response = client.post(PANEL, {"form": "access", "do": "again"})
    assert "Connected" in told(come_back(client, org, response))
    assert Connection.load().refresh_token != connected.refresh_token
    assert DRAFT_KEY not in client.session


@pytest.mark.parametrize("flow", ["client-credentials", "jwt-bearer"])
def test_authorize_again_without_a_person(client, org, flow):
    given = typed(org, flow=flow)
    if flow == "jwt-bearer":
        given = typed_for_jwt(trusting(org), jwt_private_key=keys().private)
    client.post(PANEL, given)
    former = Connection.load().access_token
    again = client.post(PANEL, {"form": "access", "do": "again"}, follow=True)
    assert "Connected" in told(again)
    assert Connection.load().access_token != former
    org.options(app_installed=False)
    failed = client.post(PANEL, {"form": "access", "do": "again"}, follow=True)
    assert "not installed" in told(failed)
    assert Connection.load().is_authorized


@pytest.mark.parametrize("do", ["again", "continue", "forget"])
def test_each_needs_the_permission(org, do):
    other = client_of("change_replicationsettings", "run_replication")
    assert other.post(PANEL, {"form": "access", "do": do}).url == "/admin/"


def test_the_buttons_stand_beside_user_and_organization_and_the_form_is_folded(
    client, org, connected
):
    page = page_of(client)
    facts = page[page.index('class="ws-facts"') :]
    assert facts.index("Practice Org Ltd") < facts.index("Authorize again") < facts.index("Clear…")
    assert facts.index("Clear…") < facts.index("Change the access") < facts.index("Consumer key")
    assert '<details class="ws-steps"> <summary>Change the access' in facts
    refused = client.post(PANEL, typed(org, client_id="")).content.decode()
    assert '<details class="ws-steps" open>' in refused


@pytest.fixture(scope="module")
def other_org():
    """A second organization, with our external identifier and callback."""
    with PracticeOrg.start(callbacks=["http://localhost/admin/salesforce/callback/"]) as server:
        server.options(org_id="00DPr0000000077MAA", org_name="Second Org")
        yield server


@pytest.fixture
def replicated(org):
    """The site has replicated three contacts to the first organization."""
    ready(org)
    make_contacts(3)
    run()
    assert org.count_leads() == 3
    return org


def test_from_one_organization_to_another_and_back(client, replicated, other_org):
    org, first = replicated, Connection.load().org_id
    leads = set(LeadLink.objects.values_list("lead_id", flat=True))

    # Before: what would happen.
    page = page_of(client)
    assert "The site knows 3 leads in Practice Org Ltd." in page
    assert "replication stops until you start over for it or come back" in page

    # The other organization answers.
    come_back(client, other_org, client.post(PANEL, typed(other_org)))
    assert Connection.load().org_name == "Second Org"
    page = page_of(client)
    assert 'data-problem="org_changed"' in page
    assert f"The site knows 3 leads in the former organization ({first})." in page
    assert run().reason == "org_changed"
    assert other_org.count_leads() == 0
    assert set(LeadLink.objects.values_list("lead_id", flat=True)) == leads

    # Back again: nothing was lost, and replication goes on.
    come_back(client, org, client.post(PANEL, typed(org)))
    assert 'data-problem="org_changed"' not in page_of(client)
    assert run().reason is None
    assert org.count_leads() == 3

    # There once more, and to stay.
    come_back(client, other_org, client.post(PANEL, typed(other_org)))
    asked = " ".join(client.get(f"{PANEL}start-over/").content.decode().split())
    assert "From now on leads go to Second Org" in asked and "3 leads" in asked
    org_id = Connection.load().org_id
    client.post(f"{PANEL}start-over/", {"org_id": org_id})
    assert 'data-problem="org_changed"' not in page_of(client)
    assert run().reason is None
    assert other_org.count_leads() == 3 and org.count_leads() == 3
    assert ReplicationSettings.load().org_id == org_id != first


def test_only_leads_of_other_organizations_count_as_former(client, replicated):
    for org_id, link in zip(
        ("00D5e000000ZzZzEAK", "00D5e000000AaAaEAK"), LeadLink.objects.all(), strict=False
    ):
        LeadLink.objects.filter(pk=link.pk).update(org_id=org_id)
    ReplicationSettings.objects.update(org_id="00D5e000000ZzZzEAK")
    page = page_of(client)
    former = "the former organization (00D5e000000AaAaEAK, 00D5e000000ZzZzEAK)."
    assert f"The site knows 2 leads in {former}" in page
    assert "The site knows 1 lead in Practice Org Ltd." in page


def test_after_clearing_the_page_still_says_where_the_leads_are(client, replicated):
    first = Connection.load().org_id
    client.post(f"{PANEL}clear/")
    assert f"The site knows 3 leads in a former organization ({first})." in page_of(client)


COPY = "https://staging.example.org"


def test_a_copy_that_is_cleared_leaves_the_original_its_access(client, org, connected, settings):
    original = row()
    settings.WAGTAILADMIN_BASE_URL = COPY
    page = page_of(client)
    assert 'data-problem="site_changed"' in page
    assert f"was made for http://localhost, and this site is {COPY}" in page
    asked = " ".join(client.get(f"{PANEL}clear/").content.decode().split())
    assert "http://localhost goes on as before" in asked
    org.clear_calls()
    assert "goes on as before" in told(client.post(f"{PANEL}clear/", follow=True))
    assert org.calls() == [], "nothing was revoked"
    assert not Connection.load().is_authorized
    # The original, whose database still holds the tokens:
    settings.WAGTAILADMIN_BASE_URL = "http://localhost"
    Connection.objects.update(**original)
    assert it_works(org)


def test_a_site_that_has_moved_is_confirmed(client, org, connected, settings):
    settings.WAGTAILADMIN_BASE_URL = COPY
    response = client.post(f"{PANEL}confirm-site/", follow=True)
    assert 'data-problem="site_changed"' not in response.content.decode()
    assert it_works(org)
