"""What the Django settings give is shown as such, never edited, and no secret is displayed."""

from __future__ import annotations

import pytest

from tests.admin.access import PANEL, key_file, trusting, typed, typed_for_jwt
from tests.admin.people import client_of, messages_of
from tests.private_keys import keys
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.session import get_client


pytestmark = pytest.mark.django_db

GIVEN = "Given by the site"


@pytest.fixture
def client(db):
    return client_of("authorize_connection")


@pytest.fixture
def give(settings, org):
    """Put values into the settings."""

    def put(**values):
        settings.WAGTAIL_SALESFORCE = {"ALLOW_LOOPBACK_ORG": True, **values}

    return put


def told(response):
    """The newest message."""
    return messages_of(response)[-1]


def test_key_secret_and_address(client, org, give):
    give(LOGIN_URL=org.url, CLIENT_ID=org.CLIENT_ID, CLIENT_SECRET=org.CLIENT_SECRET)
    page = client.get(PANEL).content.decode()
    assert page.count(GIVEN) == 3
    assert org.CLIENT_ID in page and org.CLIENT_SECRET not in page
    for field in ("client_id", "client_secret", "environment", "my_domain", "practice_url"):
        assert f'name="{field}"' not in page


def test_a_practice_org_of_the_settings_needs_no_steps_in_salesforce(client, org, give):
    give(LOGIN_URL=org.url)
    page = client.get(PANEL).content.decode()
    assert "salesforce_practice_org" in page and f"answer at {org.url}" in page
    for words in ("External Client App", "The rights of the integration user", "then prints below"):
        assert words not in page
    give(LOGIN_URL="https://acme.my.salesforce.com")
    page = client.get(PANEL).content.decode()
    assert "External Client App Manager" in page and "salesforce_practice_org" not in page


def test_a_post_cannot_override_them(client, org, give):
    give(LOGIN_URL=org.url, CLIENT_ID=org.CLIENT_ID, CLIENT_SECRET=org.CLIENT_SECRET)
    forged = typed(
        org,
        client_id="forged",
        client_secret="forged",
        flow="client-credentials",
        environment="my-domain",
        my_domain="forged.my.salesforce.com",
    )
    assert "Connected" in told(client.post(PANEL, forged, follow=True))
    row = Connection.load()
    assert (row.client_id, row.client_secret) == ("", "")
    assert row.login_url == "https://login.salesforce.com"


def test_user_name_and_private_key(client, org, give):
    give(JWT_USERNAME=org.USERNAME, JWT_PRIVATE_KEY=keys().private)
    page = client.get(PANEL).content.decode()
    assert page.count(GIVEN) == 2
    assert org.USERNAME in page and keys().private.splitlines()[3] not in page
    for field in ("jwt_username", "jwt_key_file", "jwt_private_key"):
        assert f'name="{field}"' not in page
    forged = typed_for_jwt(
        trusting(org), jwt_username="forged", jwt_key_file=key_file(keys().elliptic)
    )
    assert org.USERNAME in told(client.post(PANEL, forged, follow=True))
    row = Connection.load()
    assert (row.jwt_username, row.jwt_private_key) == ("", "")


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "salesforce.key"
    file.write_text(keys().private)
    return file


def test_a_key_in_a_file(client, org, give, path):
    give(JWT_USERNAME=org.USERNAME, JWT_PRIVATE_KEY_FILE=str(path))
    page = client.get(PANEL).content.decode()
    assert page.count(GIVEN) == 2 and str(path) not in page
    assert "Connected" in told(client.post(PANEL, typed_for_jwt(trusting(org)), follow=True))
    assert Connection.load().jwt_private_key == ""
    org.expire_tokens()
    with get_client() as salesforce:
        assert salesforce.describe("Lead")


def test_the_file_is_read_when_it_is_needed(client, org, give, path):
    give(JWT_USERNAME=org.USERNAME, JWT_PRIVATE_KEY_FILE=str(path))
    client.post(PANEL, typed_for_jwt(trusting(org)))
    path.unlink()
    with get_client() as salesforce:
        assert salesforce.describe("Lead"), "the token at hand needs no key"
    texts = messages_of(client.post(f"{PANEL}test/", follow=True))
    assert any(f"{path} cannot be read" in text for text in texts)
    assert Connection.load().is_authorized, "a file that is gone is no end of the authorization"
    path.write_text(keys().private)
    texts = messages_of(client.post(f"{PANEL}test/", follow=True))
    assert texts[0].startswith("Connected")


TROUBLES = {
    "missing": (None, "cannot be read"),
    "a certificate": (lambda: keys().certificate, "That is a certificate"),
    "with a password": (lambda: keys().encrypted, "protected by a password"),
    "empty": (lambda: "", "not a private key"),
}


@pytest.mark.parametrize("kind", TROUBLES)
def test_a_file_that_is_no_key_is_named_on_the_panel(client, org, give, path, kind):
    content, words = TROUBLES[kind]
    path.write_text(content()) if content else path.unlink()
    give(JWT_USERNAME=org.USERNAME, JWT_PRIVATE_KEY_FILE=str(path))
    page = client.get(PANEL).content.decode()
    assert words in page and str(path) in page
    response = client.post(PANEL, typed_for_jwt(org), follow=True)
    assert words in told(response)
    assert str(path) not in client_of("view_run").get(PANEL).content.decode()


def test_a_folder_is_no_file(client, give, tmp_path):
    give(JWT_PRIVATE_KEY_FILE=str(tmp_path))
    assert "cannot be read" in client.get(PANEL).content.decode()
