"""What is kept, and how: secrets at rest, clearing, a copied database, usage, describes."""

from __future__ import annotations

import copy
import pickle
import threading
from datetime import timedelta

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.db import connection as database
from django.utils import timezone

from tests.connecting import connect, connect_by_person
from wagtail_salesforce.connection.authorize import clear, refresh_access_token
from wagtail_salesforce.connection.credentials import credentials
from wagtail_salesforce.connection.models import Connection, DescribeSnapshot
from wagtail_salesforce.connection.secrets import UnreadableSecret, decrypt, encrypt
from wagtail_salesforce.connection.session import client_with_credentials, get_client, lead_describe
from wagtail_salesforce.connection.site import confirm_site, site_matches, site_url
from wagtail_salesforce.connection.usage import UsageRecorder, save_usage
from wagtail_salesforce.exceptions import NotAuthorized, Stopped
from wagtail_salesforce.salesforce.limits import Usage


pytestmark = pytest.mark.django_db

LOOPBACK = {"ALLOW_LOOPBACK_ORG": True}


def stored():
    """The row as it lies in the database."""
    with database.cursor() as cursor:
        cursor.execute("SELECT * FROM wagtail_salesforce_connection")
        names = [column[0] for column in cursor.description]
        return dict(zip(names, cursor.fetchone(), strict=True))


def test_secrets_are_encrypted_at_rest(org, connected, jwt_connected):
    connect(org)
    connect_by_person(org)
    row, text = Connection.load(), str(stored())
    for secret in (row.client_secret, row.access_token, row.refresh_token, "PRIVATE KEY"):
        assert secret and secret not in text
    assert row.jwt_private_key.startswith("-----BEGIN PRIVATE KEY")


def test_a_wrong_key_says_so_in_plain_words(org, connected, settings):
    settings.SECRET_KEY = "another"
    for attempt in (get_client, lambda: refresh_access_token("x")):
        with pytest.raises(NotAuthorized, match="encryption key") as stop:
            attempt()
        assert stop.value.detail == "unreadable_secret"
        assert stored()["access_token"] not in str(stop.value)


def test_a_wrong_key_destroys_nothing(org, connected, settings):
    """Saving the row under a wrong key keeps what a key put back later can still open."""
    right, secret = settings.SECRET_KEY, connected.access_token
    settings.SECRET_KEY = "another"
    row = Connection.load()
    assert isinstance(row.access_token, UnreadableSecret)
    assert (row.access_token, row.client_secret) == ("", "")
    copy.deepcopy(row).save()
    pickle.loads(pickle.dumps(row)).save()
    settings.SECRET_KEY = right
    assert Connection.load().access_token == secret
    assert get_client()


def test_a_fallback_key_still_opens(org, connected, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the next one"
    assert get_client()


def test_keys_are_rotated_by_use(org, connected, settings):
    """After one refresh everything is encrypted with the newest key, and the old one may go."""
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.WAGTAIL_SALESFORCE = {**LOOPBACK, "ENCRYPTION_KEYS": [old]}
    with pytest.raises(NotAuthorized):
        get_client()
    connected.save()
    settings.WAGTAIL_SALESFORCE = {**LOOPBACK, "ENCRYPTION_KEYS": [new, old]}
    refresh_access_token(connected.access_token)
    settings.WAGTAIL_SALESFORCE = {**LOOPBACK, "ENCRYPTION_KEYS": [new]}
    row = Connection.load()
    assert row.client_secret == org.CLIENT_SECRET
    assert refresh_access_token(row.access_token) != row.access_token


@pytest.mark.parametrize("text", ["", "a", "é😀\n" * 500])
def test_encryption_comes_back(text):
    assert decrypt(encrypt(text)) == text
    assert not text or encrypt(text) != text


@pytest.mark.parametrize("rubbish", ["x", "gAAAAA", "é", "a" * 200])
def test_rubbish_is_an_unreadable_secret(rubbish):
    assert isinstance(decrypt(rubbish), UnreadableSecret)
    assert decrypt(rubbish) == ""


def test_what_settings_give_is_known(org, settings):
    connect(org)
    assert credentials().from_settings == frozenset()
    settings.WAGTAIL_SALESFORCE = {**LOOPBACK, "CLIENT_SECRET": "from the settings"}
    given = credentials()
    assert given.from_settings == {"client_secret"}
    assert (given.client_secret, given.client_id) == ("from the settings", org.CLIENT_ID)
    assert "from the settings" not in repr(given) + repr(given.app())


def test_clear_revokes_and_forgets(org, connected):
    result = clear()
    assert result.revoked
    row = Connection.load()
    assert (row.status, row.access_token, row.refresh_token, row.org_id, row.user_name) == (
        ("empty", "", "", "", "")
    )
    assert (row.site_url, row.authorized_at, row.api_calls_used) == ("", None, None)
    assert (row.client_id, row.client_secret) == (org.CLIENT_ID, org.CLIENT_SECRET)
    assert row.token_generation > connected.token_generation
    connected.save()  # Somebody has kept the tokens: they are worth nothing any more.
    with get_client() as client, pytest.raises(NotAuthorized):
        client.describe("Lead")


def test_clear_revokes_an_access_token_without_a_refresh_token(org):
    row = connect(org)
    assert clear().revoked
    row.save()
    org.options(client_credentials_user=None)
    with get_client() as client, pytest.raises(NotAuthorized):
        client.describe("Lead")


@pytest.mark.parametrize("kind", ["unavailable_html", "drop_before"])
def test_clear_forgets_also_when_revoking_fails_and_says_so(org, connected, kind):
    org.fault(kind, path="/services/oauth2/revoke")
    result = clear()
    assert not result.revoked
    assert "Revoke it there" in result.message
    assert Connection.load().refresh_token == ""


def test_clear_with_an_unreadable_token_says_that_nothing_was_revoked(org, connected, settings):
    settings.SECRET_KEY = "another"
    assert not clear().revoked
    assert stored()["refresh_token"] == ""


def test_clear_at_a_host_that_is_not_permitted_any_more(org, connected, settings):
    settings.WAGTAIL_SALESFORCE = {}
    assert not clear().revoked
    assert Connection.load().refresh_token == ""


def test_a_copy_does_not_end_what_the_original_lives_by(org, connected, settings):
    settings.WAGTAILADMIN_BASE_URL = "https://staging.example.org"
    org.clear_calls()
    result = clear()
    assert result.is_copy and not result.revoked and org.calls() == []
    assert Connection.load().refresh_token == ""
    settings.WAGTAILADMIN_BASE_URL = "http://testserver"
    connected.save()
    org.expire_tokens()
    with get_client() as client:
        assert client.describe("Lead")


def test_clear_without_a_connection(db):
    assert clear().revoked


def test_a_token_revoked_in_salesforce_counts_as_revoked(org, connected):
    org.revoke_tokens()
    assert clear().revoked


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("https://www.example.org", "https://www.example.org/", True),
        ("http://www.example.org", "https://WWW.example.org", True),
        ("http://www.example.org:80", "https://www.example.org:443", True),
        ("https://www.example.org", "https://staging.example.org", False),
        ("https://www.example.org", "https://www.example.org:8443", False),
        ("https://www.example.org/a", "https://www.example.org/b", False),
        ("", "https://www.example.org", True),
    ],
)
def test_a_copied_database_is_noticed(settings, before, after, same):
    settings.WAGTAILADMIN_BASE_URL = after
    assert site_matches(Connection(site_url=before)) is same


def test_an_editor_confirms_the_new_address(org, connected, settings):
    settings.WAGTAILADMIN_BASE_URL = "https://new.example.org"
    with pytest.raises(Stopped) as stop:
        get_client()
    assert stop.value.code == "site_changed"
    confirm_site()
    assert Connection.load().site_url == "https://new.example.org"
    assert get_client()


def test_without_a_base_url_the_default_site_tells_the_address(settings):
    del settings.WAGTAILADMIN_BASE_URL
    assert site_url() == "http://localhost"


def test_nothing_is_connected(db):
    with pytest.raises(NotAuthorized):
        get_client()


def test_usage_is_kept_for_the_panel(org, connected, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), get_client() as client:
        client.describe("Lead")
        client.describe("Lead")
    row = Connection.load()
    assert (row.api_calls_max, row.api_calls_at is not None) == (15000, True)
    first = row.api_calls_used
    save_usage(client.usage)
    assert Connection.load().api_calls_used == first + 1


def test_usage_is_written_now_and_then(
    connected, django_assert_num_queries, django_capture_on_commit_callbacks
):
    recorder = UsageRecorder()
    with django_assert_num_queries(1), django_capture_on_commit_callbacks(execute=True):
        for used in range(100):
            recorder(Usage(used, 1000))
    assert Connection.load().api_calls_used == 0


def test_other_threads_do_not_write_usage(connected, django_assert_num_queries):
    recorder = UsageRecorder()
    with django_assert_num_queries(0):
        thread = threading.Thread(target=recorder, args=(Usage(1, 2),))
        thread.start()
        thread.join()
    save_usage(None)


def test_the_description_of_leads_is_kept_for_an_hour(org, connected):
    org.clear_calls()
    first = lead_describe()
    assert lead_describe() == first
    assert len(org.calls(path="describe")) == 1
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert lead_describe() == first
    assert len(org.calls(path="describe")) == 2
    assert lead_describe(force=True) == first
    assert len(org.calls(path="describe")) == 3
    assert DescribeSnapshot.objects.count() == 1


def test_a_new_field_is_seen_when_asked_for(org, connected):
    lead_describe()
    org.add_field("Lead", name="Shoe_Size__c", label="Shoe size", type="double")
    assert "Shoe_Size__c" not in lead_describe().fields
    assert "Shoe_Size__c" in lead_describe(force=True).fields
    assert "Shoe_Size__c" in lead_describe().fields


def test_an_old_description_serves_when_any_age_will_do(org, connected):
    lead_describe()
    DescribeSnapshot.objects.update(fetched_at=timezone.now() - timedelta(days=9))
    org.clear_calls()
    assert lead_describe(max_age=None).name == "Lead"
    assert org.calls() == []


def test_the_description_of_another_org_is_not_used(org, connected):
    lead_describe()
    DescribeSnapshot.objects.update(org_id="00D000000000000AAA")
    with get_client() as client:
        lead_describe(client)
    assert DescribeSnapshot.objects.count() == 2


def test_a_client_with_an_app_of_ones_own(org):
    with client_with_credentials(org.url, org.CLIENT_ID, org.CLIENT_SECRET) as client:
        org.expire_tokens()
        assert client.describe("Lead").name == "Lead"
        org.options(client_credentials_user=None)
        org.expire_tokens()
        with pytest.raises(NotAuthorized, match="user to run as"):
            client.describe("Lead")
    assert Connection.load().access_token == ""
