"""Client credentials and JWT bearer: nothing is stored unless it works."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.connecting import connect
from wagtail_salesforce.connection.authorize import (
    connect_with_client_credentials,
    connect_with_jwt,
)
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.session import get_client
from wagtail_salesforce.exceptions import AuthorizationFailed, Stopped, Transient
from wagtail_salesforce.practice_org.control import PracticeOrg


pytestmark = pytest.mark.django_db


def refused(code, connect_now, *arguments):
    with pytest.raises(AuthorizationFailed) as refusal:
        connect_now(*arguments)
    assert refusal.value.code == code
    assert refusal.value.cure
    row = Connection.load()
    assert (row.status, row.client_id, row.access_token) == ("empty", "", "")
    return refusal.value


def test_client_credentials(org):
    row = connect(org)
    row.refresh_from_db()
    assert row.is_authorized
    assert (row.flow, row.login_url, row.client_id) == (
        "client-credentials",
        org.url,
        org.CLIENT_ID,
    )
    assert row.client_secret == org.CLIENT_SECRET
    assert row.user_name == "integration@practice.example"
    assert row.refresh_token == ""
    with get_client() as client:
        assert client.describe("Lead")


@pytest.mark.parametrize(
    ("key", "secret", "code"),
    [("wrong", None, "invalid_client_id"), (None, "wrong", "invalid_client")],
)
def test_a_wrong_key_or_secret(org, key, secret, code):
    refused(
        code,
        connect_with_client_credentials,
        org.url,
        key or org.CLIENT_ID,
        secret or org.CLIENT_SECRET,
    )


@pytest.mark.parametrize(("key", "secret"), [("", "s"), ("k", "")])
def test_a_missing_key_or_secret(org, key, secret):
    refused("missing_credentials", connect_with_client_credentials, org.url, key, secret)
    assert org.calls() == []


@pytest.mark.parametrize(
    ("option", "code"),
    [
        ({"client_credentials_user": None}, "client_credentials_user_missing"),
        ({"app_installed": False}, "app_not_installed"),
        ({"inactive": ["integration@practice.example"]}, "inactive_user"),
    ],
)
def test_what_the_organization_may_lack(org, option, code):
    org.options(**option)
    refused(code, connect_with_client_credentials, org.url, org.CLIENT_ID, org.CLIENT_SECRET)


def test_a_login_address_where_nobody_answers():
    refused("org_unreachable", connect_with_client_credentials, "http://127.0.0.1:9", "k", "s")


def test_a_login_address_of_something_else(org):
    """A server, but no organization."""
    org.fault("request_error", status=404, code="", message="", path="/services/oauth2/token")
    arguments = (f"{org.url}/nowhere", org.CLIENT_ID, org.CLIENT_SECRET)
    refused("org_unreachable", connect_with_client_credentials, *arguments)


@pytest.mark.parametrize("url", ["https://evil.example", "http://acme.my.salesforce.com", "x"])
def test_a_login_address_that_is_not_permitted(url):
    refused("host_not_allowed", connect_with_client_credentials, url, "k", "s")


def test_an_org_that_is_down(org):
    org.fault("unavailable_html", path="/services/oauth2/token")
    with pytest.raises(Transient):
        connect(org)
    assert Connection.load().status == "empty"


def test_a_user_who_may_not_use_the_api(org):
    org.fault("api_disabled", path="/query")
    with pytest.raises(Stopped) as stop:
        connect(org)
    assert stop.value.code == "api_disabled"
    assert Connection.load().client_id == ""


def test_a_failure_leaves_the_former_authorization(org):
    before = connect(org)
    with pytest.raises(AuthorizationFailed):
        connect_with_client_credentials(org.url, org.CLIENT_ID, "wrong")
    after = Connection.load()
    assert (after.client_secret, after.access_token) == (org.CLIENT_SECRET, before.access_token)
    assert after.is_authorized


def test_jwt_bearer(jwt_connected, org):
    row = Connection.load()
    assert (row.flow, row.jwt_username, row.user_name) == (
        "jwt-bearer",
        org.USERNAME,
        org.USERNAME,
    )
    assert row.jwt_private_key.startswith("-----BEGIN")
    assert row.is_authorized


def test_jwt_without_the_certificate_in_the_app(org, key_pair):
    refused(
        "invalid_assertion",
        connect_with_jwt,
        org.url,
        org.CLIENT_ID,
        org.USERNAME,
        key_pair[0],
    )


@pytest.mark.parametrize("key", ["no key", "-----BEGIN RSA PRIVATE KEY-----\nAAAA", "é"])
def test_jwt_with_something_that_is_no_key(org, key):
    arguments = (org.url, org.CLIENT_ID, org.USERNAME, key)
    refused("invalid_private_key", connect_with_jwt, *arguments)


def test_jwt_with_an_encrypted_or_a_public_key(org, key_pair):
    arguments = (org.url, org.CLIENT_ID, org.USERNAME, key_pair[1])
    refused("invalid_private_key", connect_with_jwt, *arguments)


@pytest.mark.parametrize(
    ("option", "code"),
    [
        ({"jwt_approved": False}, "not_approved"),
        ({"inactive": ["ana@practice.example"]}, "inactive_user"),
    ],
)
def test_jwt_for_a_user_who_may_not(org, key_pair, option, code):
    org.options(jwt_public_key=key_pair[1], **option)
    arguments = (org.url, org.CLIENT_ID, org.USERNAME, key_pair[0])
    refused(code, connect_with_jwt, *arguments)


def test_jwt_for_an_unknown_user(org, key_pair):
    org.options(jwt_public_key=key_pair[1])
    arguments = (org.url, org.CLIENT_ID, "nobody@practice.example", key_pair[0])
    refused("invalid_assertion", connect_with_jwt, *arguments)


@pytest.mark.parametrize("minutes", [-10, 10])
def test_jwt_with_a_wrong_clock(org, key_pair, minutes):
    """Ours differs from the org's, as the org's Date header tells."""
    org.options(jwt_public_key=key_pair[1])
    arguments = (org.url, org.CLIENT_ID, org.USERNAME, key_pair[0])
    with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
        refused("clock_wrong", connect_with_jwt, *arguments)


@pytest.mark.parametrize("host", ["login.salesforce.com", "test.salesforce.com"])
def test_client_credentials_are_refused_where_everybody_logs_in(host, monkeypatch):
    """Before the consumer secret leaves the site."""
    monkeypatch.setattr("requests.Session.send", lambda *a, **k: pytest.fail("it was sent"))
    refused("wrong_login_host", connect_with_client_credentials, f"https://{host}", "k", "s")


def test_settings_come_first(org, settings):
    settings.WAGTAIL_SALESFORCE = {
        "ALLOW_LOOPBACK_ORG": True,
        "LOGIN_URL": org.url,
        "CLIENT_ID": org.CLIENT_ID,
        "CLIENT_SECRET": org.CLIENT_SECRET,
    }
    row = connect_with_client_credentials()
    row.refresh_from_db()
    assert row.is_authorized
    assert (row.client_id, row.client_secret) == ("", "")
    with get_client() as client:
        org.expire_tokens()
        assert client.describe("Lead")


def test_a_value_against_the_settings_is_refused(org, settings):
    settings.WAGTAIL_SALESFORCE = {"ALLOW_LOOPBACK_ORG": True, "CLIENT_ID": org.CLIENT_ID}
    refused("set_in_settings", connect_with_client_credentials, org.url, "other", org.CLIENT_SECRET)


def test_tls_by_the_certificates_of_the_settings(settings):
    with PracticeOrg.start(tls=True) as org:
        with pytest.raises(Stopped) as stop:
            connect(org)
        assert stop.value.code == "certificate_refused"
        settings.WAGTAIL_SALESFORCE = {"ALLOW_LOOPBACK_ORG": True, "CA_BUNDLE": org.ca_file}
        assert connect(org).instance_url == org.url
        with get_client() as client:
            org.expire_tokens()
            assert client.describe("Lead")
