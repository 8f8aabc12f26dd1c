"""What a refused try leaves behind, and what the part "Organization access" says on the way."""

from __future__ import annotations

import pytest

from tests.admin.access import PANEL, come_back, trusting, typed, typed_for_jwt
from tests.admin.people import client_of, messages_of
from tests.private_keys import keys
from wagtail_salesforce.connection.models import Connection


pytestmark = pytest.mark.django_db

COPY = "https://staging.example.org"


@pytest.fixture(autouse=True)
def base_url(settings):
    """The address that the practice org knows as callback."""
    settings.WAGTAILADMIN_BASE_URL = "http://localhost"


@pytest.fixture
def client(db):
    return client_of("authorize_connection")


@pytest.fixture
def cleared(client, org):
    """Authorized by client credentials once, then cleared: key and secret stay."""
    client.post(PANEL, typed(org, flow="client-credentials"))
    assert Connection.load().is_authorized
    client.post(f"{PANEL}clear/")
    return Connection.load()


def told(response):
    """The newest message."""
    return messages_of(response)[-1]


def form_of(client):
    return client.get(PANEL).context["access"].form


def row():
    return Connection.objects.values().get()


@pytest.mark.parametrize(
    "wrong", [{"client_secret": "wrong"}, {"client_id": "another", "client_secret": "wrong"}]
)
def test_after_a_clear_a_refused_secret_leaves_the_accepted_one(client, org, cleared, wrong):
    before = row()
    for flow in ("web-server", "client-credentials"):
        response = client.post(PANEL, typed(org, flow=flow, **wrong))
        if flow == "web-server" and "client_id" not in wrong:
            assert "consumer secret" in told(come_back(client, org, response))
        assert row() == before
    blank = client.post(PANEL, typed(org, client_secret=""))
    assert "Connected" in told(come_back(client, org, blank))
    assert Connection.load().client_secret == org.CLIENT_SECRET


def test_after_a_clear_a_refused_key_leaves_the_accepted_one(client, org):
    given = typed_for_jwt(trusting(org), jwt_private_key=keys().private)
    client.post(PANEL, given)
    client.post(f"{PANEL}clear/")
    before = row()
    refused = client.post(PANEL, given | {"jwt_private_key": keys().traditional, "client_id": "x"})
    assert refused.context["access"].form.errors and row() == before


def test_a_new_secret_is_written_once_it_is_accepted(client, org, cleared):
    Connection.objects.update(client_secret="a former secret")
    response = client.post(PANEL, typed(org))
    assert Connection.load().client_secret == "a former secret"
    assert "Connected" in told(come_back(client, org, response))
    assert Connection.load().client_secret == org.CLIENT_SECRET


def test_what_was_never_accepted_makes_room_for_the_next_try(client, org):
    client.post(PANEL, typed(org, flow="client-credentials", client_secret="wrong"))
    client.post(PANEL, typed(org, client_id="another", client_secret="better"))
    now = Connection.load()
    assert (now.client_id, now.client_secret) == ("another", "better")


@pytest.mark.parametrize("secret", ["wrong", ""])
def test_the_way_that_was_tried_stays_chosen(client, org, cleared, secret):
    assert form_of(client)["flow"].value() == "client-credentials"
    response = client.post(PANEL, typed(org, client_secret=secret))
    come_back(client, org, response, allow=False)
    assert form_of(client)["flow"].value() == "web-server"
    assert Connection.load().flow == "client-credentials"


@pytest.mark.parametrize("flow", ["client-credentials", "jwt-bearer", "web-server"])
def test_a_copy_is_not_bound_by_authorizing_again(client, org, settings, flow):
    response = client.post(PANEL, typed(org, flow="client-credentials"))
    if flow == "jwt-bearer":
        given = typed_for_jwt(trusting(org), jwt_private_key=keys().private)
        response = client.post(PANEL, given, follow=True)
        assert "Connected" in told(response)
    elif flow == "web-server":
        come_back(client, org, client.post(PANEL, typed(org)))
    before = row()
    settings.WAGTAILADMIN_BASE_URL = COPY
    org.clear_calls()
    refused = client.post(PANEL, {"form": "access", "do": "again"}, follow=True)
    assert "seems to be a copy" in told(refused) and "clear it" in told(refused)
    assert 'data-problem="site_changed"' in refused.content.decode()
    assert row() == before and org.calls() == []
