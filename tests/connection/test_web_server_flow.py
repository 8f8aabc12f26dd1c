"""A person authorizes: begin, log in and allow at the org, come back."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from django.contrib.auth import get_user_model

from wagtail_salesforce.connection.authorize import SESSION_KEY, begin, finish
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.session import get_client
from wagtail_salesforce.exceptions import AuthorizationFailed, Stopped, Transient


CALLBACK = "http://localhost/admin/salesforce/callback/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def app(org):
    """Key, secret and login address, as an editor enters them."""
    row = Connection.load()
    row.login_url, row.client_id, row.client_secret = org.url, org.CLIENT_ID, org.CLIENT_SECRET
    row.save()
    return row


def query_of(url):
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def come_back(org, session, **person):
    """What the person does at the org; the query of the callback."""
    return query_of(org.authorize(begin(session, CALLBACK), **person))


def refused(session, query, code):
    with pytest.raises(AuthorizationFailed) as refusal:
        finish(session, query)
    assert refusal.value.code == code
    assert refusal.value.message.endswith(".")
    return refusal.value


def test_the_whole_way(org, app):
    user = get_user_model().objects.create_user("editor")
    session = {}
    query = come_back(org, session)
    row = finish(session, query, user)
    row.refresh_from_db()
    assert row.is_authorized
    assert (row.org_id, row.org_name) == (org.options()["org_id"], "Practice Org Ltd")
    assert (row.user_name, row.authorized_by) == (org.USERNAME, user)
    assert row.user_id.startswith("005")
    assert (row.flow, row.instance_url) == ("web-server", org.url)
    assert (row.site_url, row.is_sandbox) == ("http://testserver", False)
    assert row.refresh_token and row.access_token and row.authorized_at
    assert set(row.scope.split()) == {"id", "api", "refresh_token"}
    assert session == {}
    with get_client() as client:
        assert client.describe("Lead").name == "Lead"


def test_what_is_asked_for(org, app):
    session = {}
    asked = query_of(begin(session, CALLBACK))
    assert asked["scope"] == "id api refresh_token"
    assert (asked["response_type"], asked["client_id"]) == ("code", org.CLIENT_ID)
    assert asked["redirect_uri"] == CALLBACK
    assert asked["code_challenge_method"] == "S256"
    kept = session[SESSION_KEY]
    assert asked["state"] == kept["state"] and len(kept["state"]) >= 30
    assert kept["code_verifier"] not in asked.values()
    assert org.CLIENT_SECRET not in str(asked) and org.CLIENT_SECRET not in str(session)
    other = {}
    assert query_of(begin(other, CALLBACK))["state"] != kept["state"]
    assert other[SESSION_KEY]["code_verifier"] != kept["code_verifier"]


def test_a_sandbox_is_known_as_one(org, app):
    org.options(sandbox=True, org_name="Practice sandbox")
    session = {}
    row = finish(session, come_back(org, session))
    assert (row.is_sandbox, row.org_name) == (True, "Practice sandbox")


def test_denied_consent_changes_nothing(org, app):
    session = {}
    finish(session, come_back(org, session))
    before = Connection.load()
    query = come_back(org, session, allow=False)
    assert query["error"] == "access_denied"
    error = refused(session, query, "consent_denied")
    assert "Allow" in error.cure
    after = Connection.load()
    assert after.is_authorized
    assert (after.access_token, after.refresh_token) == (before.access_token, before.refresh_token)
    assert session == {}


def test_a_foreign_state_is_refused(org, app):
    session = {}
    query = come_back(org, session)
    refused({}, query, "invalid_state")
    refused(session, {**query, "state": "foreign"}, "invalid_state")
    assert not Connection.load().is_authorized
    assert org.calls(path="/services/oauth2/token") == []


@pytest.mark.parametrize("state", ["", "é", "x" * 5000])
def test_an_odd_state_is_refused(org, app, state):
    session = {}
    query = come_back(org, session)
    refused(session, {**query, "state": state}, "invalid_state")
    refused({SESSION_KEY: {"state": ""}}, {**query, "state": ""}, "invalid_state")


def test_a_callback_works_once(org, app):
    session = {}
    query = come_back(org, session)
    finish(session, query)
    refused(session, query, "invalid_state")
    assert Connection.load().is_authorized


def test_a_state_is_used_up_by_a_failure_too(org, app):
    session = {}
    query = come_back(org, session)
    refused(session, {**query, "state": "foreign"}, "invalid_state")
    refused(session, query, "invalid_state")


def test_the_answer_to_an_older_attempt_is_refused(org, app):
    session = {}
    first = come_back(org, session)
    second = come_back(org, session)
    refused(session, first, "invalid_state")
    session = {}
    second = come_back(org, session)
    finish(session, second)


def test_an_expired_code(org, app):
    session = {}
    query = come_back(org, session)
    org.advance(15 * 60 + 1)
    refused(session, query, "expired_code")
    assert not Connection.load().is_authorized


def test_a_code_that_was_used_already(org, app):
    session = {}
    query = come_back(org, session)
    kept = dict(session)
    finish(session, query)
    refused(kept, query, "expired_code")


def test_a_missing_code(org, app):
    session = {}
    query = come_back(org, session)
    refused(session, {"state": query["state"]}, "expired_code")


def test_a_stolen_code_without_the_proof_key(org, app):
    session = {}
    query = come_back(org, session)
    session[SESSION_KEY]["code_verifier"] = "x" * 64
    refused(session, query, "invalid_code_verifier")


def test_a_wrong_secret(org, app):
    app.client_secret = "wrong"
    app.save()
    session = {}
    refused(session, come_back(org, session), "invalid_client")
    assert not Connection.load().is_authorized


def test_an_app_that_is_not_installed(org, app):
    session = {}
    query = come_back(org, session)
    org.options(app_installed=False)
    refused(session, query, "app_not_installed")


def test_an_inactive_user(org, app):
    session = {}
    query = come_back(org, session)
    org.options(inactive=[org.USERNAME])
    refused(session, query, "inactive_user")


def test_a_key_changed_meanwhile(org, app):
    session = {}
    query = come_back(org, session)
    Connection.objects.update(client_id="another")
    refused(session, query, "credentials_changed")


@pytest.mark.parametrize(
    ("error", "description", "code"),
    [
        ("invalid_request", "missing required code challenge", "invalid_code_verifier"),
        ("invalid_scope", "the requested scope is not allowed", "invalid_scope"),
        ("inactive_org", "", "inactive_org"),
        ("something_new", "ada@example.org is odd", "authorization_failed"),
    ],
)
def test_other_errors_of_the_callback(org, app, error, description, code):
    session = {}
    begin(session, CALLBACK)
    state = session[SESSION_KEY]["state"]
    query = {"state": state, "error": error, "error_description": description}
    assert "ada@example.org" not in refused(session, query, code).message


@pytest.mark.parametrize(
    ("callback", "permitted"),
    [
        ("https://www.example.org/admin/salesforce/callback/", True),
        ("http://localhost:8000/admin/salesforce/callback/", True),
        ("http://www.example.org/admin/salesforce/callback/", False),
        ("/admin/salesforce/callback/", False),
    ],
)
def test_the_callback_must_be_safe(app, settings, callback, permitted):
    if permitted:
        assert begin({}, callback)
    else:
        with pytest.raises(AuthorizationFailed) as refusal:
            begin({}, callback)
        assert refusal.value.code == "insecure_callback"


def test_localhost_is_a_safe_callback_only_with_a_practice_org(app, settings):
    settings.WAGTAIL_SALESFORCE = {"LOGIN_URL": "https://login.salesforce.com"}
    with pytest.raises(AuthorizationFailed) as refusal:
        begin({}, CALLBACK)
    assert refusal.value.code == "insecure_callback"
    url = begin({}, "https://www.example.org/callback/")
    assert url.startswith("https://login.salesforce.com/services/oauth2/authorize?")


@pytest.mark.parametrize("missing", ["client_id", "client_secret"])
def test_key_and_secret_are_needed_to_begin(app, missing):
    Connection.objects.update(**{missing: ""})
    session = {}
    with pytest.raises(AuthorizationFailed) as refusal:
        begin(session, CALLBACK)
    assert refusal.value.code == "missing_credentials"
    assert session == {}


@pytest.mark.parametrize(
    "url", ["https://evil.example", "http://login.salesforce.com", "https://x@login.salesforce.com"]
)
def test_a_wrong_login_host_is_refused_at_once(app, url):
    Connection.objects.update(login_url=url)
    with pytest.raises(AuthorizationFailed) as refusal:
        begin({}, CALLBACK)
    assert refusal.value.code == "host_not_allowed"


def test_an_org_that_goes_down_before_the_code_is_exchanged(org, app):
    session = {}
    query = come_back(org, session)
    org.fault("unavailable_html", count=1, path="/services/oauth2/token")
    with pytest.raises(Transient):
        finish(session, query)
    assert not Connection.load().is_authorized
    assert session == {}


def test_half_an_authorization_is_none(org, app):
    """The tokens came, but the API is closed: they are revoked, and nothing is stored."""
    session = {}
    query = come_back(org, session)
    org.fault("api_disabled", path="/query")
    with pytest.raises(Stopped) as stop:
        finish(session, query)
    assert stop.value.code == "api_disabled"
    row = Connection.load()
    assert (row.status, row.access_token, row.refresh_token) == ("empty", "", "")
    assert len(org.calls(path="/services/oauth2/revoke")) == 1


def test_authorizing_again_replaces_everything(org, app):
    session = {}
    first = finish(session, come_back(org, session))
    Connection.objects.update(status="needs_authorization", status_reason="expired_refresh_token")
    org.options(org_id="00DPr0000000077MAA", org_name="Another org")
    again = finish(session, come_back(org, session))
    assert again.org_id != first.org_id
    assert (again.status, again.status_reason) == ("authorized", "")
    assert again.refresh_token != first.refresh_token
    assert again.token_generation > first.token_generation
