"""What the replicator does when a whole call fails: refresh, wait, or stop and say so once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core import mail
from django.utils import timezone

from tests.cluster import work
from tests.connecting import connect_by_person
from tests.ready import make_contacts, ready, run
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.session import lead_describe
from wagtail_salesforce.replication.models import Incident, LeadLink, ReplicationSettings


pytestmark = pytest.mark.django_db(transaction=True)

State = LeadLink.State
TOKEN = "/services/oauth2/token"
SENDS = "/composite"


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)


@pytest.fixture
def told(settings):
    """Alerts go to the people who run the site."""
    given = getattr(django_settings, "WAGTAIL_SALESFORCE", {})
    settings.WAGTAIL_SALESFORCE = {**given, "ALERT_EMAILS": ["ops@example.org"]}


def ready_by_person(org, count=5, **changes):
    """As `ready`, with a refresh token of a person."""
    ready(org, **changes)
    connect_by_person(org)
    org.clear_calls()
    return make_contacts(count)


def nobody_blamed(count):
    """All wait, nothing is counted against them."""
    waiting = LeadLink.objects.filter(due_at__isnull=False, attempts=0, last_error_code="")
    return waiting.exclude(state=State.SUSPENDED).count() == count


def alerts():
    work()
    return len(mail.outbox)


def sends(org):
    return [call["rows"] for call in org.calls(path=SENDS)]


# 401 / INVALID_SESSION_ID, invalid_grant


def test_a_refused_token_is_renewed_once_and_the_call_repeated(org, told):
    ready_by_person(org)
    org.fault("expire_session", count=1, path=SENDS)
    assert run().counts == {"created": 5}
    assert len(org.calls(path=TOKEN)) == 1
    assert len(org.leads()) == 5
    assert (Incident.objects.count(), alerts()) == (0, 0)


def test_a_fresh_token_refused_as_well_ends_the_authorization(org, told):
    ready_by_person(org)
    org.fault("expire_session", path=SENDS)
    for _ in range(3):
        result = run()
        assert (result.state, result.reason) == ("stopped", "not_authorized")
    row = Connection.load()
    assert (row.status, row.status_reason) == ("needs_authorization", "session_refused")
    assert len(org.calls(path=TOKEN)) == 1
    assert nobody_blamed(5)
    assert alerts() == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("revoke", "expired_refresh_token"),
        ({"inactive": ["ana@practice.example"]}, "inactive_user"),
        ({"app_installed": False}, "app_not_installed"),
    ],
)
def test_a_refused_refresh_token_stops_and_is_told_once(org, told, change, reason):
    ready_by_person(org)
    if change == "revoke":
        org.revoke_tokens()
    else:
        org.expire_tokens()
        org.options(**change)
    for _ in range(3):
        assert run().reason == "not_authorized"
    assert Connection.load().status_reason == reason
    assert len(org.calls(path=TOKEN)) == 1
    assert nobody_blamed(5)
    assert alerts() == 1
    org.options(inactive=[], app_installed=True)
    connect_by_person(org)
    assert run().counts == {"created": 5}
    assert Incident.objects.filter(ended_at=None).count() == 0


def test_a_refresh_that_is_being_processed_elsewhere_ends_nothing(org, told, monkeypatch):
    """The practice org lets the second of two refreshes wait, so the word is put into its mouth."""
    from wagtail_salesforce.salesforce import oauth
    from wagtail_salesforce.salesforce.oauth_errors import to_error

    ready_by_person(org)
    answers = iter([to_error("invalid_grant", "token request is already being processed")])
    real = oauth.refresh

    def refresh(app, token):
        for error in answers:
            raise error
        return real(app, token)

    monkeypatch.setattr(oauth, "refresh", refresh)
    org.expire_tokens()
    assert run().counts == {"created": 5}
    assert Connection.load().is_authorized
    assert alerts() == 0


# The allowance


def test_the_daily_limit_is_looked_at_again_hourly_and_nobody_is_alerted(org, told):
    ready(org, batch_size=200, api_reserve_percent=0)
    make_contacts(600)
    spent = org.set_allowance()["used"]
    org.set_allowance(max=spent + 2)
    org.clear_calls()
    result = run()
    assert result.reason in {"request_limit", "api_reserve"}
    done = LeadLink.objects.filter(state=State.REPLICATED).count()
    assert done == org.count_leads() < 600
    assert nobody_blamed(600 - done)
    org.clear_calls()
    assert run().reason == "api_reserve"
    assert org.calls() == []
    org.set_allowance(max=1000)
    with time_machine.travel(timezone.now() + timedelta(minutes=59)):
        assert run().reason == "api_reserve"
        assert org.calls() == []
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert run().reason is None
    assert org.count_leads() == 600
    assert alerts() == 0


# What passes


@pytest.mark.parametrize(
    "fault",
    [
        "concurrent_limit",
        "bad_gateway",
        "unavailable_html",
        "server_unavailable",
        "server_error",
        "no_route",
        "drop_before",
        "drop_after",
        "truncate",
        "half_json",
        "missing_fields",
    ],
)
def test_passing_trouble_is_waited_out_and_makes_nothing_twice(org, told, fault):
    ready(org)
    make_contacts(250)
    org.fault(fault, count=2, path=SENDS)
    result = run()
    assert (result.reason, result.counts["created"]) == (None, 250)
    assert org.count_leads() == 250
    assert not LeadLink.objects.filter(due_at__isnull=False).exists()
    assert alerts() == 0


@pytest.mark.parametrize(
    "fault", ["concurrent_limit", "server_unavailable", "drop_before", "drop_after", "half_json"]
)
def test_trouble_that_lasts_stops_the_run_and_blames_nobody(org, told, fault):
    ready(org)
    lead_describe()
    make_contacts(250)
    org.fault(fault, path="/services/data")
    result = run()
    assert (result.state, result.reason) == ("stopped", "org_unavailable")
    assert 1 < len(org.calls(path=SENDS)) < 20
    assert nobody_blamed(250)
    org.clear_faults()
    assert run().counts["created"] == 250
    assert org.count_leads() == 250
    assert alerts() == 0


# Storage full, API switched off


@pytest.mark.parametrize(
    ("fault", "reason"), [("storage_limit", "storage_limit"), ("api_disabled", "api_disabled")]
)
def test_what_an_administrator_has_to_mend_stops_and_is_told_once(org, told, fault, reason):
    ready(org)
    make_contacts(250)
    org.fault(fault, path=SENDS)
    for _ in range(3):
        result = run()
        assert (result.state, result.reason) == ("stopped", reason)
    assert nobody_blamed(250)
    assert alerts() == 1
    assert "Contacts wait" in mail.outbox[0].body
    org.clear_faults()
    assert run().counts == {"created": 250}
    assert Incident.objects.get().ended_at is not None
    org.fault(fault, path=SENDS)
    make_contacts(1, email="later@example.org", email_key="later@example.org")
    run()
    assert alerts() == 2


def test_a_full_storage_hinders_no_update(org):
    """Salesforce refuses new records; the leads it has are changed in the same Composite."""
    ready(org)
    make_contacts(3)
    run()
    ReplicationSettings.objects.update(batch_size=1000)
    for link in LeadLink.objects.select_related("contact"):
        link.contact.last_name = "Renamed"
        link.contact.save()
    make_contacts(2, email="", email_key=None, last_name="New")
    org.fault("storage_limit")
    result = run()
    assert (result.reason, result.counts) == ("storage_limit", {"updated": 3})
    assert {lead["LastName"] for lead in org.leads()} == {"Renamed"}
    assert nobody_blamed(2)
