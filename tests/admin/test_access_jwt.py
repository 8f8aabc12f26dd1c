"""JWT bearer from the panel: the key uploaded or pasted, and never shown again."""

from __future__ import annotations

import pytest

from tests.admin.access import PANEL, key_file, trusting, typed, typed_for_jwt
from tests.admin.people import client_of, messages_of
from tests.private_keys import keys
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.salesforce.private_key import MOST_BYTES


pytestmark = pytest.mark.django_db


@pytest.fixture
def client(db):
    return client_of("authorize_connection")


def told(response):
    """The newest message."""
    return messages_of(response)[-1]


def test_by_upload(client, org):
    given = typed_for_jwt(trusting(org), jwt_key_file=key_file(keys().private))
    assert told(client.post(PANEL, given, follow=True)).startswith(
        f"Connected to Practice Org Ltd as {org.USERNAME}."
    )
    row = Connection.load()
    assert (row.flow, row.jwt_private_key) == ("jwt-bearer", keys().private)


def test_by_pasting(client, org):
    given = typed_for_jwt(trusting(org), jwt_private_key=keys().traditional)
    assert "Connected" in told(client.post(PANEL, given, follow=True))
    assert Connection.load().jwt_private_key == keys().traditional


def test_the_key_is_never_shown_again(client, org):
    given = typed_for_jwt(trusting(org), jwt_private_key=keys().private)
    client.post(PANEL, given)
    part = keys().private.splitlines()[5]
    page = client.get(PANEL).content.decode()
    assert part not in page and "A key is stored." in page
    refused = client.post(PANEL, given | {"jwt_username": ""})
    assert refused.context["access"].form.errors and part not in refused.content.decode()


def test_a_blank_key_keeps_the_stored_one(client, org):
    client.post(PANEL, typed_for_jwt(trusting(org), jwt_private_key=keys().private))
    again = client.post(PANEL, typed_for_jwt(org, jwt_private_key=""), follow=True)
    assert "Connected" in told(again)
    assert Connection.load().jwt_private_key == keys().private


REFUSED = {
    "encrypted": (lambda: keys().encrypted, "openssl pkey -in"),
    "certificate": (lambda: keys().certificate, "give its private key here"),
    "public": (lambda: keys().public, "private key that belongs to the certificate"),
    "der": (lambda: keys().der, "openssl pkcs12"),
    "an image": (lambda: b"\x89PNG\r\n\x1a\n\0", "openssl pkcs12"),
    "a novel": (lambda: b"x" * (3 * MOST_BYTES), "too large"),
    "empty": (lambda: b"", "empty"),
    "elliptic": (lambda: keys().elliptic, "Salesforce takes no other"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_wrong_file_is_refused_at_its_field(client, org, kind):
    content, words = REFUSED[kind]
    response = client.post(PANEL, typed_for_jwt(org, jwt_key_file=key_file(content())))
    errors = response.context["access"].form.errors
    assert set(errors) == {"jwt_key_file"}
    assert words in errors["jwt_key_file"][0]
    assert org.calls() == [] and Connection.load().jwt_private_key == ""


def test_a_wrong_text_is_refused_at_its_field(client, org):
    response = client.post(PANEL, typed_for_jwt(org, jwt_private_key=keys().certificate))
    errors = response.context["access"].form.errors
    assert set(errors) == {"jwt_private_key"}
    assert "certificate" in errors["jwt_private_key"][0]


def test_a_file_and_a_text_are_one_too_many(client, org):
    given = typed_for_jwt(
        org, jwt_private_key=keys().private, jwt_key_file=key_file(keys().private)
    )
    errors = client.post(PANEL, given).context["access"].form.errors
    assert errors == {"jwt_key_file": ["Give the private key as a file or as text, not both."]}


def test_another_way_does_not_mind_the_key_field(client, org):
    given = typed(org, flow="client-credentials", jwt_private_key="left behind")
    assert "Connected" in told(client.post(PANEL, given, follow=True))
    assert Connection.load().jwt_private_key == ""


REFUSED_BY_THE_ORG = [
    ({"jwt_public_key": None}, "Upload the certificate that belongs to the private key"),
    ({"jwt_approved": False}, "Pre-authorize the user"),
    ({"inactive": ["ana@practice.example"]}, "inactive or frozen"),
    ({"app_installed": False}, "not installed"),
    ({"sandbox": True}, ""),
]


@pytest.mark.parametrize(("options", "words"), REFUSED_BY_THE_ORG)
def test_a_refusal_of_the_organization_is_in_plain_words(client, org, options, words):
    trusting(org).options(**options)
    response = client.post(PANEL, typed_for_jwt(org, jwt_private_key=keys().private), follow=True)
    assert words in told(response)
    assert Connection.load().is_authorized is not bool(words)


def test_the_fields_are_labelled_and_the_form_takes_files(client):
    page = client.get(PANEL).content.decode()
    assert 'enctype="multipart/form-data"' in page
    for field in ("jwt_username", "jwt_key_file", "jwt_private_key"):
        assert f'for="id_{field}"' in page


@pytest.mark.parametrize("permission", ["change_replicationsettings", "run_replication"])
def test_others_can_neither_see_nor_send_the_form(org, permission):
    other = client_of(permission)
    assert 'name="jwt_key_file"' not in other.get(PANEL).content.decode()
    given = typed_for_jwt(trusting(org), jwt_key_file=key_file(keys().private))
    assert other.post(PANEL, given).url == "/admin/"
    assert not Connection.load().is_authorized
