"""What the errors advise a site's own code, which is no replication."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.connecting import connect
from wagtail_salesforce.client import client_with_token, get_client
from wagtail_salesforce.connection.session import get_client as get_bare_client
from wagtail_salesforce.exceptions import REASONS, Stopped, Transient
from wagtail_salesforce.salesforce import retry


pytestmark = pytest.mark.django_db

COUNT = "SELECT COUNT() FROM Lead"
PERSON = {"LastName": "Keller", "Company": "Acme"}


@pytest.fixture
def connected(org, db, monkeypatch):
    monkeypatch.setattr(retry.time, "sleep", lambda seconds: None)
    connect(org)
    org.clear_calls()
    return org


def stop_of(do):
    with pytest.raises(Stopped) as stop:
        do()
    return stop.value


@pytest.mark.parametrize("transport", ["rest", "bulk"])
def test_the_reserve(connected, transport):
    connected.set_allowance(max=100, used=79)
    with get_client() as client:
        client.count(COUNT)
        stop = stop_of(lambda: client.insert("Lead", [PERSON], transport=transport))
    assert stop.code == "api_reserve"
    assert stop.message == REASONS["api_reserve"].text
    assert "try again later" in stop.cure and "API reserve (percent)" in stop.cure


def test_the_reserve_with_a_token_of_ones_own(connected):
    token = connected.client_credentials_token()["access_token"]
    connected.set_allowance(max=100, used=79)
    with client_with_token(connected.url, token) as client:
        client.count(COUNT)
        assert "your own tokens" in stop_of(lambda: client.count(COUNT)).cure


@pytest.mark.django_db(transaction=True)
def test_the_reserve_in_the_shell(connected):
    connected.set_allowance(max=100, used=90)
    with pytest.raises(CommandError, match="try again later"):
        for _call in range(2):
            call_command("salesforce_query", COUNT, stdout=StringIO())


def test_no_call_left(connected):
    connected.fault("total_limit", path="/query")
    with get_client() as client:
        stop = stop_of(lambda: client.count(COUNT))
    assert stop.code == "request_limit"
    assert "try again later" in stop.cure


def test_salesforce_is_away(connected):
    connected.fault("server_unavailable", path="/query")
    with get_client() as client, pytest.raises(Transient) as away:
        client.count(COUNT)
    assert away.value.code == "org_unavailable"
    assert "next run" not in away.value.cure
    assert len(connected.calls(path="/query")) == 4, "still tried several times"


def test_a_request_that_surely_was_not_carried_out_is_still_repeated(connected):
    connected.fault("concurrent_limit", path="/composite", count=1)
    with get_client() as client:
        assert client.insert("Lead", PERSON).success


def test_replication_keeps_its_words(connected):
    connected.fault("total_limit", path="/query")
    with get_bare_client() as client:
        assert stop_of(lambda: client.count(COUNT)).cure == REASONS["request_limit"].cure


def test_no_token_at_all(connected):
    with pytest.raises(TypeError, match="access_token is a text"):
        client_with_token(connected.url, None)
