"""Renewing the access token: what is stored, when, and what ends the authorization."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from tests.connecting import connect, connect_by_person
from wagtail_salesforce.connection.authorize import refresh_access_token
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.session import get_client
from wagtail_salesforce.connection.tokens import mark_refused
from wagtail_salesforce.exceptions import NotAuthorized, Stopped, Transient


TOKEN = "/services/oauth2/token"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    """Back-off without the wait."""
    monkeypatch.setattr("time.sleep", lambda seconds: None)


def test_an_expired_token_is_renewed_in_the_middle_of_a_call(org, connected):
    with get_client() as client:
        org.expire_tokens()
        assert client.describe("Lead").name == "Lead"
    row = Connection.load()
    assert row.access_token != connected.access_token
    assert row.refresh_token == connected.refresh_token
    assert row.token_generation == connected.token_generation + 1
    assert row.is_authorized


def test_a_rotated_refresh_token_is_stored(org, connected):
    org.options(rotation=True)
    old = connected.refresh_token
    for _time in range(3):
        org.expire_tokens()
        with get_client() as client:
            client.describe("Lead")
        assert Connection.load().refresh_token != old
        old = Connection.load().refresh_token


def test_a_rotated_refresh_token_is_stored_before_the_access_token_is_used(
    org, connected, monkeypatch
):
    """When storing fails, the new access token is never used for a call."""
    org.options(rotation=True)
    client = get_client()
    org.expire_tokens()
    org.clear_calls()

    def fail(self, *args, **kwargs):
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(Connection, "save", fail)
    with pytest.raises(DatabaseError), client:
        client.describe("Lead")
    assert [call["status"] for call in org.calls(path="describe")] == [401]
    assert len(org.calls(path=TOKEN)) == 1


def test_who_comes_late_gets_the_token_that_is_there(org, connected):
    org.options(rotation=True)
    old = connected.access_token
    new = refresh_access_token(old)
    org.clear_calls()
    assert refresh_access_token(old) == new
    assert org.calls(path=TOKEN) == []
    with get_client() as client:
        assert client.userinfo()


@pytest.mark.parametrize("flow", ["client-credentials", "jwt-bearer"])
def test_flows_without_a_refresh_token_ask_anew(org, db, flow, jwt_connected):
    if flow == "client-credentials":
        connect(org)
    row = Connection.load()
    assert (row.flow, row.refresh_token) == (flow, "")
    with get_client() as client:
        org.expire_tokens()
        assert client.describe("Lead").name == "Lead"
    assert Connection.load().access_token != row.access_token


def lost(code):
    row = Connection.load()
    assert (row.status, row.status_reason) == ("needs_authorization", code)


def test_a_revoked_authorization_ends_it_for_good(org, connected):
    with get_client() as client:
        org.revoke_tokens()
        with pytest.raises(NotAuthorized, match="revoked") as ended:
            client.describe("Lead")
        assert (ended.value.code, ended.value.detail) == (
            "not_authorized",
            "expired_refresh_token",
        )
        lost("expired_refresh_token")
        org.clear_calls()
        with pytest.raises(NotAuthorized):
            client.describe("Lead")
    assert org.calls(path=TOKEN) == []
    with pytest.raises(NotAuthorized, match="Authorize again"):
        get_client()


def test_a_refresh_token_that_lay_idle_too_long(org, connected):
    org.options(refresh_idle_days=30)
    org.advance(31 * 24 * 3600)
    with get_client() as client, pytest.raises(NotAuthorized):
        client.describe("Lead")
    lost("expired_refresh_token")


def test_a_refresh_token_used_elsewhere_ends_it(org, connected):
    """A copy of the database has spent the rotated token: Salesforce kills them all."""
    org.options(rotation=True)
    stolen = Connection.load()
    refresh_access_token(connected.access_token)
    stolen.save()
    org.expire_tokens()
    with get_client() as client, pytest.raises(NotAuthorized):
        client.describe("Lead")
    lost("expired_refresh_token")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"inactive": ["ana@practice.example"]}, "inactive_user"),
        ({"app_installed": False}, "app_not_installed"),
    ],
)
def test_what_an_administrator_can_do(org, connected, change, code):
    org.expire_tokens()
    org.options(**change)
    with get_client() as client, pytest.raises(NotAuthorized):
        client.describe("Lead")
    lost(code)


def test_a_changed_secret(org, connected):
    Connection.objects.update(client_secret="wrong")
    org.expire_tokens()
    with get_client() as client, pytest.raises(NotAuthorized, match="consumer secret"):
        client.describe("Lead")
    lost("invalid_client")


@pytest.mark.parametrize("kind", ["unavailable_html", "server_error", "drop_before", "drop_after"])
def test_an_org_that_is_down_does_not_end_it(org, connected, kind):
    org.expire_tokens()
    org.fault(kind, path=TOKEN)
    with get_client() as client, pytest.raises(Transient):
        client.describe("Lead")
    assert Connection.load().is_authorized
    org.clear_faults()
    with get_client() as client:
        assert client.describe("Lead")


def test_a_rate_limit_does_not_end_it(org, connected):
    org.expire_tokens()
    org.fault("login_rate_limit", path=TOKEN)
    with get_client() as client, pytest.raises(Transient) as limited:
        client.describe("Lead")
    assert limited.value.code == "rate_limited"
    assert Connection.load().is_authorized


def test_a_refresh_that_is_already_being_processed_is_tried_again(org, connected, monkeypatch):
    from wagtail_salesforce.salesforce import oauth
    from wagtail_salesforce.salesforce.oauth_errors import to_error

    answers = iter([to_error("invalid_grant", "token request is already being processed")] * 2)
    real = oauth.refresh

    def refresh(app, token):
        for error in answers:
            raise error
        return real(app, token)

    monkeypatch.setattr(oauth, "refresh", refresh)
    org.expire_tokens()
    with get_client() as client:
        (row,) = client.insert("Lead", [{"LastName": "Once", "Company": "Acme"}])
    assert row.success
    assert len(org.leads()) == 1


def test_a_fresh_token_that_is_refused_ends_it(org, connected):
    org.fault("expire_session", path="describe")
    with get_client() as client, pytest.raises(NotAuthorized):
        client.describe("Lead")
    lost("session_refused")
    assert len(org.calls(path=TOKEN)) == 2  # the code, and one refresh


def test_a_token_that_was_replaced_meanwhile_ends_nothing(connected):
    mark_refused("an older token")
    assert Connection.load().is_authorized


def test_a_copied_database_does_not_spend_the_refresh_token(org, connected, settings):
    client = get_client()
    org.expire_tokens()
    settings.WAGTAILADMIN_BASE_URL = "https://staging.example.org"
    org.clear_calls()
    with pytest.raises(Stopped) as stop:
        refresh_access_token(connected.access_token)
    assert stop.value.code == "site_changed"
    with pytest.raises(Stopped):
        get_client()
    with client, pytest.raises(Stopped):
        client.describe("Lead")
    assert org.calls(path=TOKEN) == []


def test_settings_that_forbid_the_host_do_not_end_it(org, connected, settings):
    """A mistake in the settings is mended by mending the settings."""
    old = connected.access_token
    settings.WAGTAIL_SALESFORCE = {}
    with pytest.raises(NotAuthorized, match="login.salesforce.com"):
        get_client()
    with pytest.raises(NotAuthorized, match="host"):
        refresh_access_token(old)
    assert Connection.load().is_authorized


def test_the_login_address_without_an_org_does_not_end_it(connected):
    Connection.objects.update(login_url="http://127.0.0.1:9")
    with pytest.raises(Transient):
        refresh_access_token(connected.access_token)
    assert Connection.load().is_authorized


@pytest.fixture
def committed(transactional_db, org, monkeypatch):
    """A connection that other database connections see as well."""
    monkeypatch.setattr("wagtail_salesforce.connection.lock.SHORT_WAIT", 1)
    return connect_by_person(org)


only_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="only on SQLite")
not_sqlite = pytest.mark.skipif(connection.vendor == "sqlite", reason="not on SQLite")


@not_sqlite
def test_a_renewal_outlives_the_rollback_of_the_caller(org, committed):
    """A site with ATOMIC_REQUESTS: the view fails later, the rotated token must not be lost."""
    org.options(rotation=True)
    org.expire_tokens()
    with pytest.raises(RuntimeError, match="later"), transaction.atomic():
        with get_client() as client:
            client.describe("Lead")
        raise RuntimeError("later")
    assert Connection.load().refresh_token != committed.refresh_token
    org.expire_tokens()
    with get_client() as client:
        assert client.describe("Lead")


@not_sqlite
def test_a_token_is_not_spent_when_it_could_not_be_stored(org, committed):
    """The caller's transaction holds the row: Salesforce is not asked."""
    org.clear_calls()
    with pytest.raises(Transient, match="has not finished"), transaction.atomic():
        Connection.objects.update(org_name="changed in this transaction")
        refresh_access_token(committed.access_token)
    assert org.calls(path=TOKEN) == []
    assert refresh_access_token(committed.access_token) != committed.access_token


@only_sqlite
def test_sqlite_cannot_renew_within_a_transaction_and_says_so(org, committed, caplog):
    org.clear_calls()
    with pytest.raises(Transient, match="in the middle of other work"), transaction.atomic():
        refresh_access_token(committed.access_token)
    assert "ATOMIC_REQUESTS" in caplog.text
    assert org.calls(path=TOKEN) == []
    assert refresh_access_token(committed.access_token) != committed.access_token
