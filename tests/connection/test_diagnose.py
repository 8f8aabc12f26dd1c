"""Test connection says what is wrong, in plain words."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.connecting import connect
from wagtail_salesforce.connection.authorize import test_connection as diagnose
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.exceptions import NotAuthorized


pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    """Back-off without the wait."""
    monkeypatch.setattr("time.sleep", lambda seconds: None)


def codes(level="error"):
    findings = diagnose()
    for finding in findings:
        assert finding.text.endswith((".", ".)")), finding
        assert bool(finding.cure) == (finding.level == "error"), finding
    return [finding.code for finding in findings if finding.level == level]


def test_all_is_well(connected):
    findings = diagnose()
    assert [(finding.level, finding.code) for finding in findings] == [
        ("ok", "connected"),
        ("ok", "usage"),
    ]
    assert findings[0].text == "Connected to Practice Org Ltd as ana@practice.example."


def test_nothing_entered_yet(db):
    assert codes() == ["missing_credentials"]


def test_entered_but_never_authorized(org):
    Connection.load()
    Connection.objects.update(login_url=org.url, client_id="k")
    row = Connection.load()
    row.client_secret = "s"
    row.save()
    assert codes() == ["not_authorized"]


def test_a_wrong_secret_before_connecting(org):
    row = connect(org)
    Connection.objects.update(status="empty")
    row.refresh_from_db()
    row.client_secret = "wrong"
    row.save()
    assert codes() == ["invalid_client"]


@pytest.mark.parametrize(
    ("option", "code"),
    [
        ({"app_installed": False}, "app_not_installed"),
        ({"inactive": ["ana@practice.example"]}, "inactive_user"),
    ],
)
def test_what_an_administrator_did(org, connected, option, code):
    org.options(**option)
    org.expire_tokens()
    assert codes() == [code]
    assert codes() == [code]  # It is remembered.


def test_a_revoked_authorization(org, connected):
    org.revoke_tokens()
    assert codes() == ["expired_refresh_token"]


def test_an_api_that_is_not_enabled(org, connected):
    org.fault("api_disabled", path="describe")
    assert codes() == ["api_disabled"]


def test_an_exhausted_allowance(org, connected):
    org.fault("total_limit", path="describe")
    assert codes() == ["request_limit"]


def test_leads_that_cannot_be_seen(org, connected):
    org.fault("request_error", status=404, code="NOT_FOUND", path="describe")
    assert codes() == ["leads_hidden"]


def test_leads_that_cannot_be_created(org, connected, monkeypatch):
    from wagtail_salesforce.salesforce.describe import FieldDescribe, ObjectDescribe

    field = FieldDescribe(name="LastName", label="Last name", type="string")
    hidden = ObjectDescribe("Lead", "Lead", {"LastName": field})
    monkeypatch.setattr(
        "wagtail_salesforce.connection.diagnose.lead_describe", lambda *a, **k: hidden
    )
    assert codes() == ["leads_read_only"]


@pytest.mark.parametrize("minutes", [-5, 5])
def test_a_wrong_clock(org, connected, minutes):
    with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
        assert "clock_wrong" in codes()
        assert "connected" in codes("ok")


def test_an_unknown_api_version(org, connected, settings):
    settings.WAGTAIL_SALESFORCE = {"ALLOW_LOOPBACK_ORG": True, "API_VERSION": "99.0"}
    assert "api_version" in codes()


def test_an_org_that_is_down(org, connected):
    org.fault("unavailable_html")
    assert set(codes()) == {"org_unreachable", "org_unavailable"}


def test_a_login_address_where_nobody_answers(connected):
    Connection.objects.update(login_url="http://127.0.0.1:9")
    assert codes() == ["org_unreachable"]


def test_a_host_that_is_not_permitted(connected, settings):
    settings.WAGTAIL_SALESFORCE = {}
    assert codes() == ["host_not_allowed"]


def test_a_wrong_encryption_key(connected, settings):
    settings.SECRET_KEY = "another"
    assert codes() == ["unreadable_secret"]


def test_a_copied_database(org, connected, settings):
    org.expire_tokens()
    settings.WAGTAILADMIN_BASE_URL = "https://staging.example.org"
    assert codes() == ["site_changed"]
    assert len(org.calls(path="/services/oauth2/token")) == 1  # the code, no refresh


def test_a_reason_nobody_knows_is_no_traceback(connected):
    Connection.objects.update(status="needs_authorization", status_reason="of another version")
    assert codes() == ["not_authorized"]
    assert NotAuthorized().detail == ""
