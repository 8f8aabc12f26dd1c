"""Test connection on the panel: each thing that can be wrong is said in plain words."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.utils import timezone

from tests.admin.access import PANEL, trusting
from tests.admin.people import client_of, messages_of
from tests.connecting import connect, connect_by_person
from tests.private_keys import keys
from wagtail_salesforce.connection.authorize import connect_with_jwt
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.exceptions import REASONS


pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    """Back-off without the wait."""
    monkeypatch.setattr("time.sleep", lambda seconds: None)


@pytest.fixture
def client(db):
    return client_of("authorize_connection")


def by_jwt(org):
    return connect_with_jwt(trusting(org).url, org.CLIENT_ID, org.USERNAME, keys().private)


WAYS = {"web-server": connect_by_person, "client-credentials": connect, "jwt-bearer": by_jwt}


@pytest.fixture(params=WAYS)
def connected(request, org):
    """The site, connected in each way."""
    return WAYS[request.param](org)


def findings(client):
    return [unescape(text) for text in messages_of(client.post(f"{PANEL}test/", follow=True))]


def says(code, texts):
    reason = REASONS[code]
    return f"{reason.text} {reason.cure}" in texts


def test_all_is_well(client, org, connected):
    texts = findings(client)
    assert texts[0] == f"Connected to Practice Org Ltd as {connected.user_name}."
    assert "API calls were used in the last 24 hours" in texts[1]
    assert Connection.load().is_authorized


def test_large_numbers_of_calls_are_grouped(client, org):
    connect(org)
    most = Connection.load().api_calls_max or 15000
    assert f"of {most:,} API calls were used" in findings(client)[1]


@pytest.mark.parametrize("way", ["web-server", "client-credentials"])
def test_a_secret_that_was_changed_in_salesforce(client, org, way):
    """It is noticed although the access token at hand would still do for hours."""
    WAYS[way](org)
    row = Connection.load()
    row.client_secret = "of yesterday"
    row.save()
    texts = findings(client)
    assert says("invalid_client", texts) and "of yesterday" not in str(texts)


def test_an_app_that_is_not_installed(client, org, connected):
    org.options(app_installed=False)
    assert says("app_not_installed", findings(client))


def test_a_user_who_is_inactive(client, org, connected):
    org.options(inactive=[connected.user_name])
    texts = findings(client)
    assert says("inactive_user", texts)
    # The panel says so from now on, as nothing can be replicated.
    assert str(REASONS["inactive_user"].text) in client.get(PANEL).content.decode()


def test_an_api_that_is_not_enabled(client, org, connected):
    org.fault("api_disabled", path="describe")
    assert says("api_disabled", findings(client))


def test_an_authorization_that_was_revoked(client, org):
    connect_by_person(org)
    org.revoke_tokens()
    assert says("expired_refresh_token", findings(client))


def test_a_refresh_token_that_lay_idle_too_long(client, org):
    connect_by_person(org)
    org.options(refresh_idle_days=30)
    org.advance(31 * 24 * 60 * 60)
    assert says("expired_refresh_token", findings(client))


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_clock_that_is_wrong(client, org, connected, minutes):
    with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
        texts = findings(client)
    assert says("clock_wrong", texts)
    assert len(texts) == len(set(texts)), "nothing is said twice"


@pytest.mark.parametrize(
    ("option", "code"),
    [
        ({"jwt_approved": False}, "not_approved"),
        ({"jwt_public_key": None}, "invalid_assertion"),
        ({"sandbox": True}, None),
    ],
)
def test_what_only_jwt_bearer_can_lack(client, org, option, code):
    by_jwt(org)
    org.options(**option)
    texts = findings(client)
    assert says(code, texts) if code else texts[0].startswith("Connected")


def test_client_credentials_without_a_user_to_run_as(client, org):
    connect(org)
    org.options(client_credentials_user=None)
    assert says("client_credentials_user_missing", findings(client))


def test_client_credentials_at_the_address_of_everybody(client, org, settings):
    connect(org)
    settings.WAGTAIL_SALESFORCE = {
        "ALLOW_LOOPBACK_ORG": True,
        "LOGIN_URL": "https://login.salesforce.com",
    }
    org.clear_calls()
    texts = findings(client)
    assert says("org_unreachable", texts) or says("wrong_login_host", texts)
    assert org.calls(path="/services/oauth2/token") == []


def test_a_rotated_token_is_kept(client, org):
    """The test renews the access; with rotation the former refresh token is dead then."""
    org.options(rotation=True)
    former = connect_by_person(org).refresh_token
    for _again in range(2):
        assert findings(client)[0].startswith("Connected")
    assert Connection.load().refresh_token != former


def test_cured_after_it_was_lost(client, org):
    """The certificate is back, so that pressing Authorize again is all that is left to do."""
    by_jwt(org)
    org.options(jwt_approved=False)
    findings(client)
    org.options(jwt_approved=True)
    assert says("not_authorized", findings(client))
    again = client.post(PANEL, {"form": "access", "do": "again"}, follow=True)
    assert "Connected" in messages_of(again)[-1]
