"""Addresses, tokens and credentials of a site's own: as they come from files, and no secret told."""

from __future__ import annotations

import traceback

import pytest

from tests.connecting import connect
from wagtail_salesforce.client import client_with_credentials, client_with_token, get_client
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.exceptions import AuthorizationFailed, NotAuthorized, Stopped


pytestmark = pytest.mark.django_db

COUNT = "SELECT COUNT() FROM Lead"
SECRET = "00DSECRETTOKEN!abc"
#: what cannot stand within a key, secret or token
INSIDE = ["\n", "\r\n", " ", "\t", "\x00", "é", "漢"]


@pytest.fixture
def connected(org, db):
    connect(org)
    return org


@pytest.mark.parametrize("around", ["{}\n", "{}\r\n", " {} ", "\t{}"])
def test_what_comes_from_a_file_has_blanks_around_it(connected, around):
    token = connected.client_credentials_token()["access_token"]
    with client_with_token(around.format(connected.url), around.format(token)) as client:
        assert client.count(COUNT) == 0
    given = [connected.url, connected.CLIENT_ID, connected.CLIENT_SECRET]
    with client_with_credentials(*map(around.format, given)) as client:
        assert client.count(COUNT) == 0


@pytest.mark.parametrize("inside", INSIDE)
def test_a_token_that_can_be_none_is_refused_and_not_repeated(connected, inside):
    with pytest.raises(ValueError, match="access_token holds a blank") as refusal:
        client_with_token(connected.url, f"{SECRET}{inside}x").count(COUNT)
    assert SECRET not in "".join(traceback.format_exception(refusal.value))


@pytest.mark.parametrize("inside", INSIDE)
@pytest.mark.parametrize("place", [1, 2])
def test_a_key_or_secret_that_can_be_none_is_not_repeated_either(connected, inside, place):
    given = [connected.url, "key", "secret"]
    given[place] = f"{SECRET}{inside}x"
    with pytest.raises(
        ValueError, match=f"{['client_id', 'client_secret'][place - 1]} holds"
    ) as no:
        client_with_credentials(*given)
    assert SECRET not in "".join(traceback.format_exception(no.value))


@pytest.mark.parametrize("inside", INSIDE)
def test_a_token_from_elsewhere_is_not_repeated(connected, inside):
    row = Connection.load()
    row.access_token = f"{SECRET}{inside}x"
    row.save()
    connected.clear_calls()
    with get_client() as client, pytest.raises(NotAuthorized) as refusal:
        client.count(COUNT)
    assert SECRET not in "".join(traceback.format_exception(refusal.value))
    assert connected.calls() == []


def test_no_token(connected):
    with pytest.raises(ValueError, match="access_token is empty"):
        client_with_token(connected.url, " ")


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("value", [None, 5, b"x"])
def test_credentials_are_texts(connected, place, value):
    given = [connected.url, connected.CLIENT_ID, connected.CLIENT_SECRET]
    given[place] = value
    name = ["login_url", "client_id", "client_secret"][place]
    with pytest.raises(TypeError, match=f"{name} is a text, and what was given is"):
        client_with_credentials(*given)


@pytest.mark.parametrize("rest", ["/x?y", "/services/data", "?x", "#x"])
def test_an_address_with_a_path_is_refused(connected, rest):
    with pytest.raises(AuthorizationFailed, match="not an address that can be used") as refusal:
        client_with_token(connected.url + rest, SECRET)
    assert refusal.value.code == "host_not_allowed"


@pytest.mark.django_db(transaction=True)
def test_another_form_of_the_address_is_the_same_organization(connected):
    connected.set_allowance(max=100, used=79)
    with get_client() as client:
        client.count(COUNT)
    url = connected.url.replace("http", "HTTP") + "/"
    with client_with_token(url, connected.client_credentials_token()["access_token"]) as client:
        assert client.instance_url == connected.url
        with pytest.raises(Stopped, match="reserve"):
            client.count(COUNT)
