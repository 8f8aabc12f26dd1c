"""Token requests: what may go wrong at the token endpoint, beyond what the practice org does."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.salesforce.scripted import Reply, scripted
from wagtail_salesforce.exceptions import AuthorizationFailed, Transient
from wagtail_salesforce.reasons import REASONS
from wagtail_salesforce.salesforce import oauth
from wagtail_salesforce.salesforce.hosts import HostRules
from wagtail_salesforce.salesforce.oauth import App, TokenSet
from wagtail_salesforce.salesforce.oauth_errors import clock_skew, meaning, to_error


RULES = HostRules.of([], True)


def app(url, **more):
    return App(url, "the-key", "the-secret", RULES, **more)


def refused(call, code):
    with pytest.raises(AuthorizationFailed) as refusal:
        call()
    assert refusal.value.code == code
    return refusal.value


def test_what_a_token_request_sends():
    answer = {"access_token": "t", "instance_url": "http://127.0.0.1:1/", "scope": "api"}
    with scripted(Reply(answer)) as server:
        tokens = oauth.refresh(app(server.url), "a&b=c")
    assert tokens == TokenSet("t", "http://127.0.0.1:1", "", "api")
    method, path, headers, body = server.requests[0]
    assert (method, path) == ("POST", "/services/oauth2/token")
    assert b"refresh_token=a%26b%3Dc" in body
    assert b"client_secret=the-secret" in body
    assert "Authorization" not in headers


@pytest.mark.parametrize(
    "instance", ["https://evil.example", "http://acme.my.salesforce.com", "", None, "x", 3]
)
def test_an_instance_url_that_is_not_salesforce_is_refused(instance):
    answer = {"access_token": "t", "instance_url": instance}
    with scripted(Reply(answer)) as server:
        refused(lambda: oauth.client_credentials(app(server.url)), "host_not_allowed")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_of_the_token_endpoint_is_not_followed(status):
    with scripted(Reply({"access_token": "t"})) as other:
        away = Reply("", status, {"Location": f"{other.url}/services/oauth2/token"})
        with scripted(away) as server:
            refused(lambda: oauth.refresh(app(server.url), "secret"), "org_unreachable")
        assert other.requests == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("<html>URL No Longer Exists</html>", 404),
        ("<html>a page</html>", 200),
        ("", 200),
        ([], 200),
        ("null", 200),
        ({"token": "x"}, 200),
        ({}, 400),
    ],
)
def test_an_answer_of_something_that_is_no_org(body, status):
    with scripted(Reply(body, status)) as server:
        refused(lambda: oauth.refresh(app(server.url), "secret"), "org_unreachable")
        refused(
            lambda: oauth.exchange_code(app(server.url), "https://x.org", "c", "v"),
            "org_unreachable",
        )


@pytest.mark.parametrize("status", [500, 502, 503, 420, 429])
def test_an_org_in_trouble_may_be_well_later(status):
    with scripted(Reply("<html></html>", status)) as server:
        with pytest.raises(Transient):
            oauth.refresh(app(server.url), "secret")
        with pytest.raises(Transient):
            oauth.exchange_code(app(server.url), "https://x.org", "c", "v")
        with pytest.raises(Transient):
            oauth.revoke(app(server.url), "secret")


@pytest.mark.parametrize(
    ("error", "description", "code"),
    [
        ("invalid_grant", "expired authorization code", "expired_code"),
        ("invalid_grant", "invalid code verifier", "invalid_code_verifier"),
        ("invalid_request", "invalid code verifier", "invalid_code_verifier"),
        ("invalid_grant", "expired access/refresh token", "expired_refresh_token"),
        ("invalid_grant", "inactive user", "inactive_user"),
        ("invalid_grant", "authentication failure", "login_refused"),
        ("invalid_grant", "ip restricted or invalid login hours", "login_refused"),
        ("invalid_grant", "user hasn't approved this consumer", "not_approved"),
        ("invalid_app_access", "user is not admin approved to access this app", "not_approved"),
        ("invalid_grant", "Audience validation failed", "invalid_audience"),
        ("invalid_grant", "audience is invalid", "invalid_audience"),
        ("invalid_grant", "invalid assertion", "invalid_assertion"),
        (
            "invalid_grant",
            "no client credentials user enabled",
            "client_credentials_user_missing",
        ),
        ("invalid_grant", "request not supported on this domain", "wrong_login_host"),
        ("invalid_request", "request not supported on this domain", "wrong_login_host"),
        ("invalid_client_id", "client identifier invalid", "invalid_client_id"),
        ("invalid_client", "invalid client credentials", "invalid_client"),
        ("invalid_client", "app must be installed into org", "app_not_installed"),
        ("redirect_uri_mismatch", "redirect_uri must match configuration", "redirect_uri_mismatch"),
        ("unsupported_grant_type", "grant type not supported", "unsupported_grant_type"),
        ("rate_limit_exceeded", "number of login attempts exceeded", "rate_limited"),
        ("access_denied", "end-user denied authorization", "consent_denied"),
        ("something_new", "", "authorization_failed"),
    ],
)
def test_the_wordings_of_salesforce(error, description, code):
    assert meaning(error, description) == code
    assert to_error(error, description).message
    assert code in REASONS


@given(st.text(max_size=40), st.text(max_size=80))
def test_no_refusal_is_without_a_sentence(error, description):
    assert to_error(error, description).message.endswith((".", ".)"))


def test_a_refresh_under_way_elsewhere_passes():
    error = to_error("invalid_grant", "token request is already being processed")
    assert isinstance(error, Transient) and error.untouched


@pytest.mark.parametrize(
    ("url", "audience"),
    [
        ("https://login.salesforce.com", "https://login.salesforce.com"),
        ("https://test.salesforce.com/", "https://test.salesforce.com"),
        ("https://acme.my.salesforce.com", "https://login.salesforce.com"),
        ("https://acme-dev-ed.develop.my.salesforce.com", "https://login.salesforce.com"),
        ("https://acme--dev.sandbox.my.salesforce.com", "https://test.salesforce.com"),
        ("https://acme.scratch.my.salesforce.com", "https://test.salesforce.com"),
        ("http://127.0.0.1:8001/", "http://127.0.0.1:8001"),
    ],
)
def test_whom_an_assertion_is_for(url, audience):
    assert oauth.audience(app(url)) == audience


def test_nothing_secret_is_shown():
    beginning = oauth.begin(app("https://login.salesforce.com"), "https://x.org/callback")
    shown = repr(app("https://login.salesforce.com"))
    shown += repr(TokenSet("the-access", "https://a.my.salesforce.com", "the-refresh"))
    shown += repr(beginning).replace(beginning.url, "")
    for secret in ("the-secret", "the-access", "the-refresh", beginning.code_verifier):
        assert secret not in shown
    assert beginning.state not in shown


def test_a_netrc_file_adds_nothing_to_a_token_request(tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setattr(
        "wagtail_salesforce.salesforce.hosts.Address.is_loopback", property(lambda self: False)
    )
    rules = HostRules()
    with scripted(Reply({"access_token": "t"})) as server:
        monkeypatch.setattr(HostRules, "permits", lambda self, address: True)
        with pytest.raises(AuthorizationFailed):
            oauth.refresh(App(server.url, "k", "s", rules), "r")
    assert "Authorization" not in server.requests[0][2]


@pytest.mark.parametrize("minutes", [0, 5, -5])
def test_the_difference_of_the_clocks(minutes):
    theirs = datetime.now(timezone.utc) - timedelta(minutes=minutes)
    skew = clock_skew({"Date": format_datetime(theirs, usegmt=True)})
    assert abs(skew - timedelta(minutes=minutes)) < timedelta(minutes=2)


@pytest.mark.parametrize("header", ["", "yesterday", "2026-01-01", "Sun, 22 Nov 2026 12:00:00"])
def test_a_date_that_is_none(header):
    assert clock_skew({"Date": header}) is None
