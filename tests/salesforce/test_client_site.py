"""The client as a site's own code gets it: reserve, usage, and access of its own."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.connecting import connect, connect_by_person
from wagtail_salesforce.client import (
    client_with_credentials,
    client_with_token,
    format_soql,
    get_client,
)
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.exceptions import AuthorizationFailed, NotAuthorized, Stopped
from wagtail_salesforce.practice_org.control import PracticeOrg
from wagtail_salesforce.replication.models import ReplicationSettings


pytestmark = pytest.mark.django_db
#: For what is written once the transaction is over.
committed = pytest.mark.django_db(transaction=True)

COUNT = "SELECT COUNT() FROM Lead"


@pytest.fixture
def connected(db, org):
    connect(org)
    # Whatever was read on connecting is not what these tests are about.
    Connection.objects.update(api_calls_used=None, api_calls_max=None, api_calls_at=None)
    org.clear_calls()
    return org


@pytest.fixture(scope="module")
def other_server():
    with PracticeOrg.start() as server:
        yield server


@pytest.fixture
def other(other_server):
    """Another organization."""
    other_server.reset()
    other_server.options(org_id="00DPr0000000077MAA")
    return other_server


def token(org):
    return org.client_credentials_token()["access_token"]


def stored():
    return Connection.objects.values().get()


def people(count):
    return [{"LastName": f"Lead {number}", "Company": "Acme"} for number in range(count)]


def test_the_reserve_is_kept_exactly(connected):
    connected.set_allowance(max=100, used=77)
    with get_client() as client:
        assert [client.count(COUNT) for _call in range(3)] == [0, 0, 0]
        with pytest.raises(Stopped) as stop:
            client.count(COUNT)
    assert stop.value.code == "api_reserve"
    assert stop.value.message and stop.value.cure
    assert len(connected.calls(counted=True)) == 3
    assert connected.set_allowance()["used"] == 80


@committed
def test_the_next_client_knows_before_its_first_call(connected):
    connected.set_allowance(max=100, used=79)
    with get_client() as client:
        client.count(COUNT)
    with get_client() as client, pytest.raises(Stopped, match="reserve"):
        client.insert("Lead", people(1))
    assert len(connected.calls(counted=True)) == 1
    assert connected.count_leads() == 0


def test_the_share_is_that_of_the_replication_settings(connected):
    ReplicationSettings.objects.update_or_create(pk=1, defaults={"api_reserve_percent": 0})
    connected.set_allowance(max=100, used=98)
    with get_client() as client:
        client.count(COUNT)
        client.count(COUNT)
        with pytest.raises(Stopped) as stop:
            client.count(COUNT)
    assert stop.value.code == "api_reserve"


def test_a_client_that_lives_long_looks_again_after_an_hour(connected):
    connected.set_allowance(max=100, used=79)
    with get_client() as client:
        client.count(COUNT)
        connected.set_allowance(max=100, used=10)
        with pytest.raises(Stopped):
            client.count(COUNT)
        with time_machine.travel(timezone.now() + timedelta(minutes=61)):
            client.count(COUNT)
            client.count(COUNT)
            connected.set_allowance(max=100, used=80)
            client.count(COUNT)
            with pytest.raises(Stopped):
                client.count(COUNT)


def test_what_is_still_used_up_after_an_hour_is_looked_at_once(connected):
    connected.set_allowance(max=100, used=80)
    with get_client() as client:
        client.count(COUNT)
        connected.clear_calls()
        with time_machine.travel(timezone.now() + timedelta(minutes=61)):
            client.count(COUNT)
            for _attempt in range(3):
                with pytest.raises(Stopped):
                    client.count(COUNT)
    assert len(connected.calls(counted=True)) == 1


def test_a_look_that_brings_no_answer_is_not_repeated(connected):
    connected.set_allowance(max=100, used=80)
    with get_client() as client:
        client.count(COUNT)
        connected.fault("drop_before", path="/query")
        with time_machine.travel(timezone.now() + timedelta(minutes=61)), pytest.raises(Stopped):
            client.count(COUNT)
        assert client.calls == 2


def test_a_bulk_job_is_not_begun_for_a_few_calls(connected):
    connected.set_allowance(max=100, used=72)
    with get_client() as client:
        client.count(COUNT)
        connected.clear_calls()
        with pytest.raises(Stopped) as stop:
            client.insert("Lead", people(3), transport="bulk")
        assert stop.value.code == "api_reserve"
        assert connected.calls(counted=True) == []
        assert all(result.success for result in client.insert("Lead", people(3)))


@committed
def test_the_usage_is_on_the_panel_when_the_client_is_closed(connected):
    with get_client() as client:
        for _call in range(4):
            client.count(COUNT)
        # Written now and then only, while it is open.
        first = stored()["api_calls_used"]
    assert (stored()["api_calls_used"], stored()["api_calls_max"]) == (first + 3, 15000)
    assert client.calls == 4


@committed
def test_a_client_closed_late_does_not_tell_what_is_old(connected):
    with get_client() as client:
        client.count(COUNT)
        Connection.objects.update(api_calls_used=500)
        with time_machine.travel(timezone.now() + timedelta(minutes=2)):
            client.close()
            assert stored()["api_calls_used"] == 500


def test_nobody_has_authorized(db):
    with pytest.raises(NotAuthorized):
        get_client()


def test_a_token_of_ones_own(connected, other):
    before = stored()
    with client_with_token(other.url, token(other)) as client:
        assert client.insert("Lead", people(1)[0]).success
        assert client.usage.used == client.calls == 1
    assert other.count_leads() == 1 and connected.count_leads() == 0
    assert stored() == before


@pytest.mark.parametrize("bad", ["expired", "wrong"])
def test_a_token_of_ones_own_that_is_refused(connected, other, bad):
    before = stored()
    with client_with_token(other.url, token(other) if bad == "expired" else "wrong") as client:
        other.expire_tokens()
        with pytest.raises(NotAuthorized) as refusal:
            list(client.query("SELECT Id FROM Lead"))
    assert refusal.value.code == "token_refused"
    assert "Organization access" not in refusal.value.message + refusal.value.cure
    assert stored() == before
    assert len(other.calls(path="/query")) == 1
    assert other.calls(path="token")[1:] == []


def test_a_refused_token_for_the_connected_organization_leaves_the_connection_alone(org, db):
    connect_by_person(org)
    before = stored()
    with client_with_token(org.url, "wrong") as client, pytest.raises(NotAuthorized):
        client.count(COUNT)
    assert stored() == before
    with get_client() as client:
        assert client.count(COUNT) == 0


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "http://evil.my.salesforce.com",
        "https://x.my.salesforce.com.evil.org",
    ],
)
def test_a_token_of_ones_own_goes_to_salesforce_only(db, url):
    with pytest.raises(AuthorizationFailed) as refusal:
        client_with_token(url, "secret")
    assert refusal.value.code == "host_not_allowed"


def test_a_loopback_address_needs_its_setting(db, other, settings):
    settings.WAGTAIL_SALESFORCE = {}
    with pytest.raises(AuthorizationFailed):
        client_with_token(other.url, "secret")


def test_credentials_of_ones_own(connected, other):
    before = stored()
    with client_with_credentials(other.url, other.CLIENT_ID, other.CLIENT_SECRET) as client:
        assert client.count(COUNT) == 0
        other.expire_tokens()
        assert client.count(COUNT) == 0
        other.fault("expire_session", path="/query")
        with pytest.raises(NotAuthorized) as refusal:
            client.count(COUNT)
    assert refusal.value.code == "token_refused"
    assert stored() == before


def test_another_organization_has_a_reserve_of_its_own(connected, other):
    other.set_allowance(max=100, used=79)
    with client_with_token(other.url, token(other)) as client:
        client.count(COUNT)
        with pytest.raises(Stopped) as stop:
            client.count(COUNT)
    assert stop.value.code == "api_reserve"
    with get_client() as client:
        assert client.count(COUNT) == 0


@committed
def test_another_organization_is_free_when_the_connected_one_is_used_up(connected, other):
    connected.set_allowance(max=100, used=90)
    with get_client() as client:
        client.count(COUNT)
    with client_with_token(other.url, token(other)) as client:
        assert client.count(COUNT) == 0


@committed
def test_the_reserve_of_the_connected_organization_holds_for_ones_own_token_too(connected):
    connected.set_allowance(max=100, used=79)
    with get_client() as client:
        client.count(COUNT)
    url = connected.url.replace("http", "HTTP") + "/"
    with client_with_token(url, token(connected)) as client, pytest.raises(Stopped):
        client.count(COUNT)


def test_values_are_quoted(connected):
    names = ["O'Neill", 'a"b', "c\\d"]
    with get_client() as client:
        client.insert("Lead", [{"LastName": name, "Company": "Acme"} for name in names])
        for name in names:
            soql = format_soql("SELECT LastName FROM Lead WHERE LastName = {}", name)
            assert [row["LastName"] for row in client.query(soql)] == [name]


def test_the_reserve_is_kept_beside_several_workers(connected, settings):
    settings.WAGTAIL_SALESFORCE = {"ALLOW_LOOPBACK_ORG": True, "PARALLEL_WORKERS": 3}
    connected.set_allowance(max=100, used=78)
    with get_client() as client:
        client.count(COUNT)
        client.count(COUNT)
        with pytest.raises(Stopped) as stop:
            client.count(COUNT)
    assert stop.value.code == "api_reserve"
