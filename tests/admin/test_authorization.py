"""Authorizing from the panel, against the practice org's own login and consent pages."""

from __future__ import annotations

import time
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from wagtail.models import ModelLogEntry

from tests.admin.people import client_of, messages_of
from tests.connecting import connect
from wagtail_salesforce.connection.models import Connection


pytestmark = pytest.mark.django_db

PANEL = "/admin/salesforce/"
CALLBACK = "/admin/salesforce/callback/"


@pytest.fixture(autouse=True)
def base_url(settings):
    """The address that the practice org knows as callback."""
    settings.WAGTAILADMIN_BASE_URL = "http://localhost"


@pytest.fixture
def client(db):
    return client_of("authorize_connection")


def values(org, **changes):
    given = {
        "form": "access",
        "environment": "practice",
        "practice_url": org.url,
        "flow": "web-server",
        "client_id": org.CLIENT_ID,
        "client_secret": org.CLIENT_SECRET,
    }
    return given | changes


def begin(client, org, **changes):
    response = client.post(PANEL, values(org, **changes))
    assert response.status_code == 302, response.context["access"].form.errors
    assert response.url.startswith(f"{org.url}/services/oauth2/authorize?")
    return response.url


def query_of(url):
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def come_back(client, query):
    return client.get(f"{CALLBACK}?{urlencode(query)}", follow=True)


def errors_of(response):
    assert response.status_code == 200
    return response.context["access"].form.errors


def told(response):
    (text,) = messages_of(response)
    return text


def test_a_person_authorizes(client, org):
    query = query_of(org.authorize(begin(client, org)))
    response = come_back(client, query)
    assert response.redirect_chain == [(PANEL, 302)]
    assert told(response) == (
        f"Connected to Practice Org Ltd as {org.USERNAME}. New leads will belong to "
        f"{org.USERNAME} unless the mapping or an assignment rule says otherwise."
    )
    row = Connection.load()
    assert row.is_authorized and row.authorized_by.username.startswith("person")
    assert row.client_secret == org.CLIENT_SECRET and row.flow == "web-server"
    entry = ModelLogEntry.objects.get(action="wagtail_salesforce.authorize")
    assert entry.data == {"org_id": row.org_id, "user_id": row.user_id}


def test_the_callback_url_stands_on_the_page_as_it_is_sent(client, org):
    page = client.get(PANEL).content.decode()
    assert f'value="http://localhost{CALLBACK}"' in page
    assert query_of(begin(client, org))["redirect_uri"] == f"http://localhost{CALLBACK}"


def test_without_a_base_url_the_request_says_where_the_site_is(client, settings):
    del settings.WAGTAILADMIN_BASE_URL
    page = client.get(PANEL, headers={"host": "cms.example.org"}, secure=True).content.decode()
    assert f'value="https://cms.example.org{CALLBACK}"' in page


def test_denied_consent(client, org):
    query = query_of(org.authorize(begin(client, org), allow=False))
    assert "denied" in told(come_back(client, query))
    assert not Connection.load().is_authorized


def test_a_callback_nobody_asked_for(client, org):
    assert "again" in told(come_back(client, {"code": "x", "state": "y"}))
    assert "again" in told(come_back(client, {}))
    assert not Connection.load().is_authorized


def test_a_foreign_state(client, org):
    query = query_of(org.authorize(begin(client, org)))
    response = come_back(client, query | {"state": "somebody-else"})
    assert "again" in told(response)
    assert not Connection.load().is_authorized
    assert "again" in told(come_back(client, query)), "the state is used up"


def test_another_persons_session(client, org):
    query = query_of(org.authorize(begin(client, org)))
    assert "again" in told(come_back(client_of("authorize_connection"), query))
    assert not Connection.load().is_authorized


def test_a_reused_callback(client, org):
    query = query_of(org.authorize(begin(client, org)))
    come_back(client, query)
    token = Connection.load().access_token
    assert "again" in told(come_back(client, query))
    assert Connection.load().access_token == token


def test_an_expired_code(client, org):
    query = query_of(org.authorize(begin(client, org)))
    org.advance(16 * 60)
    assert "expired" in told(come_back(client, query))
    assert not Connection.load().is_authorized


def test_a_wrong_secret(client, org):
    query = query_of(org.authorize(begin(client, org, client_secret="wrong")))
    assert "consumer secret" in told(come_back(client, query))
    assert not Connection.load().is_authorized


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "x" * 3000, "\0"])
def test_odd_refusals_are_shown_harmlessly(client, org, name):
    state = query_of(begin(client, org))["state"]
    response = come_back(client, {"error": name, "error_description": name, "state": state})
    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()


def test_plain_http_is_refused(client, org, settings):
    settings.WAGTAILADMIN_BASE_URL = "http://cms.example.org"
    assert "does not begin with https" in client.get(PANEL).content.decode()
    response = client.post(PANEL, values(org))
    (text,) = errors_of(response)["__all__"]
    assert "does not begin with https" in text and "Open the admin over https" in text
    assert Connection.load().client_id == org.CLIENT_ID, "kept for the next try"


def test_loopback_needs_the_setting(client, settings):
    settings.WAGTAIL_SALESFORCE = {"ALLOW_LOOPBACK_ORG": False}
    page = client.get(PANEL).content.decode()
    assert "does not begin with https" in page
    assert "practice_url" not in page and "Practice organization" not in page


def test_the_callback_needs_the_permission(org):
    others = client_of("change_replicationsettings", "view_run")
    assert others.get(CALLBACK).url == "/admin/"
    assert others.post(PANEL, values(org)).url == "/admin/"


REFUSED = [
    ({"client_id": ""}, "client_id", "required"),
    ({"client_id": "x" * 301}, "client_id", "300"),
    ({"client_secret": ""}, "client_secret", "Enter the consumer secret."),
    ({"practice_url": ""}, "practice_url", "login address"),
    ({"practice_url": "http://salesforce.example.org"}, "practice_url", "https"),
    ({"environment": "my-domain", "my_domain": ""}, "my_domain", "login address"),
    ({"environment": "my-domain", "my_domain": "evil.example.org"}, "my_domain", "Salesforce's"),
    ({"environment": "my-domain", "my_domain": "na7.salesforce.com"}, "my_domain", "My Domain URL"),
    ({"flow": "client-credentials", "environment": "production"}, "environment", "your My Domain"),
    ({"flow": "client-credentials", "environment": "sandbox"}, "environment", "your My Domain"),
    (
        {
            "flow": "client-credentials",
            "environment": "my-domain",
            "my_domain": "login.salesforce.com",
        },
        "my_domain",
        "your My Domain",
    ),
    (
        {"environment": "my-domain", "my_domain": "https://a:b@acme.my.salesforce.com"},
        "my_domain",
        "not an address",
    ),
    (
        {"environment": "my-domain", "my_domain": "acme.my.salesforce.com.evil.org"},
        "my_domain",
        "Salesforce's",
    ),
    ({"environment": "nonsense"}, "environment", "valid choice"),
    ({"flow": "nonsense"}, "flow", "valid choice"),
    ({"flow": "jwt-bearer", "jwt_username": ""}, "jwt_username", "Enter the Salesforce user name."),
    ({"flow": "jwt-bearer", "jwt_private_key": ""}, "jwt_key_file", "Upload the private key"),
    ({"flow": "jwt-bearer", "jwt_private_key": "nonsense"}, "jwt_private_key", "PEM"),
]


@pytest.mark.parametrize(("changes", "field", "words"), REFUSED)
def test_bad_input_names_the_field_and_stores_nothing(client, org, changes, field, words):
    errors = errors_of(client.post(PANEL, values(org, **changes)))
    assert field in errors and words in errors[field][0]
    assert set(errors) <= {field, "jwt_username", "jwt_private_key", "jwt_key_file"}
    assert Connection.load().client_id == ""


@pytest.mark.parametrize(
    ("changes", "login_url"),
    [
        ({"environment": "production"}, "https://login.salesforce.com"),
        ({"environment": "sandbox"}, "https://test.salesforce.com"),
        (
            {"environment": "my-domain", "my_domain": " Acme.my.salesforce.com/ "},
            "https://acme.my.salesforce.com",
        ),
        (
            {"environment": "my-domain", "my_domain": "https://acme.my.salesforce.com/setup"},
            "https://acme.my.salesforce.com",
        ),
        (
            {"environment": "my-domain", "my_domain": "https://acme.lightning.force.com/lightning"},
            "https://acme.my.salesforce.com",
        ),
    ],
)
def test_the_person_is_sent_to_the_chosen_host(client, org, changes, login_url):
    response = client.post(PANEL, values(org, **changes))
    assert response.url.startswith(f"{login_url}/services/oauth2/authorize?")
    page = client.get(PANEL).context["access"].form
    assert page["environment"].value() == changes["environment"]


def test_a_blank_secret_keeps_the_stored_one(client, org):
    come_back(client, query_of(org.authorize(begin(client, org))))
    come_back(client, query_of(org.authorize(begin(client, org, client_secret=""))))
    assert Connection.load().client_secret == org.CLIENT_SECRET
    assert Connection.load().is_authorized


def test_client_credentials(client, org):
    response = client.post(PANEL, values(org, flow="client-credentials"), follow=True)
    assert told(response).startswith(
        "Connected to Practice Org Ltd as integration@practice.example. New leads will belong"
    )
    assert Connection.load().flow == "client-credentials"


def test_client_credentials_that_fail_keep_what_was_typed(client, org):
    response = client.post(PANEL, values(org, flow="client-credentials", client_secret="wrong"))
    assert "consumer secret" in told(response)
    row = Connection.load()
    assert not row.is_authorized
    assert (row.client_id, row.flow) == (org.CLIENT_ID, "client-credentials")
    assert "wrong" not in response.content.decode().split('name="client_secret"')[1][:300]


def test_a_failure_leaves_a_working_connection_alone(client, org):
    connect(org)
    before = Connection.objects.values().get()
    bad = values(org, flow="client-credentials", client_id="unknown", client_secret="wrong")
    response = client.post(PANEL, bad)
    assert errors_of(response)["__all__"]
    assert Connection.objects.values().get() == before
    assert "Practice Org Ltd" in response.content.decode()


def test_the_same_advice_is_not_given_twice(client, org):
    given = values(org, environment="my-domain", my_domain="evil.example.org")
    (text,) = errors_of(client.post(PANEL, given))["my_domain"]
    assert text.count("test.salesforce.com") == 1


def test_an_organization_that_is_down(client, org):
    given = values(org, flow="client-credentials", practice_url="http://127.0.0.1:9")
    started = time.monotonic()
    response = client.post(PANEL, given)
    assert errors_of(response)["__all__"] and time.monotonic() - started < 20
    assert Connection.load().client_id == org.CLIENT_ID
