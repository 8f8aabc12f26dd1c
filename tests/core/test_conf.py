"""The settings contract: unknown keys and wrong types are named."""

from __future__ import annotations

import pytest

from tests.private_keys import keys
from wagtail_salesforce import conf
from wagtail_salesforce.checks import check_base_url, check_settings


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"API_VERSOIN": "66.0"}, "API_VERSOIN"),
        ({"API_VERSION": 66}, "API_VERSION"),
        ({"API_VERSION": "45.0"}, "API_VERSION"),
        ({"API_VERSION": "latest"}, "API_VERSION"),
        ({"ALLOW_LOOPBACK_ORG": "yes"}, "ALLOW_LOOPBACK_ORG"),
        ({"ALLOWED_HOSTS": "example.org"}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": [1]}, "ALLOWED_HOSTS"),
        ({"PARALLEL_WORKERS": True}, "PARALLEL_WORKERS"),
        ({"PARALLEL_WORKERS": 0}, "PARALLEL_WORKERS"),
        ({"PARALLEL_WORKERS": 11}, "PARALLEL_WORKERS"),
        ({"CALLS_IN_FLIGHT": "2"}, "CALLS_IN_FLIGHT"),
        ({"CALLS_IN_FLIGHT": 0}, "CALLS_IN_FLIGHT"),
        ({"CALLS_IN_FLIGHT": 11}, "CALLS_IN_FLIGHT"),
        ({"BULK_THRESHOLD": -1}, "BULK_THRESHOLD"),
        ({"BULK_THRESHOLD": "many"}, "BULK_THRESHOLD"),
        ({"CLIENT_SECRET": 5}, "CLIENT_SECRET"),
        ({"ENCRYPTION_KEYS": ["short"]}, "ENCRYPTION_KEYS"),
        ({"CA_BUNDLE": "/nowhere/ca.pem"}, "CA_BUNDLE"),
        ({"JWT_PRIVATE_KEY": b"key"}, "JWT_PRIVATE_KEY"),
        ({"JWT_PRIVATE_KEY": "a novel"}, "JWT_PRIVATE_KEY"),
        ({"JWT_PRIVATE_KEY_FILE": "/nowhere/sf.key"}, "/nowhere/sf.key"),
        ({"JWT_PRIVATE_KEY_FILE": __file__}, "test_conf.py"),
        ({"JWT_PRIVATE_KEY": "a", "JWT_PRIVATE_KEY_FILE": "b"}, "give one of them"),
        ({"LOGIN_URL": "https://login.example.org"}, "login.example.org"),
        ({"LOGIN_URL": "http://login.salesforce.com:81"}, "http://login.salesforce.com:81"),
        ({"LOGIN_URL": "foo"}, "https://foo.my.salesforce.com"),
        ({"ALERT_EMAILS": ["ops@example.org", "nonsense"]}, "nonsense"),
        ({"CLIENT_ID": ""}, "CLIENT_ID"),
        ({"CLIENT_SECRET": ""}, "CLIENT_SECRET"),
        ([], "WAGTAIL_SALESFORCE"),
    ],
)
def test_what_is_wrong_is_named(settings, given, names):
    settings.WAGTAIL_SALESFORCE = given
    [error] = check_settings()
    assert names in error.msg
    assert error.hint


def test_one_wrong_value_hides_no_other(settings):
    settings.WAGTAIL_SALESFORCE = {
        "COLOUR": "red",
        "API_VERSION": 66,
        "PARALLEL_WORKERS": 20,
        "ENCRYPTION_KEYS": ["short"],
        "CLIENT_SECRET": "",
    }
    named = ["COLOUR", "API_VERSION", "PARALLEL_WORKERS", "ENCRYPTION_KEYS", "CLIENT_SECRET"]
    found = [message.msg for message in check_settings()]
    assert [key for key, text in zip(named, found, strict=True) if key in text] == named


def test_what_is_usual_has_nothing_to_say(settings):
    settings.WAGTAIL_SALESFORCE = {
        "LOGIN_URL": "mycompany.my.salesforce.com",
        "ALERT_EMAILS": ["ops@example.org", "The team <team@example.org>"],
        "CLIENT_SECRET": None,
    }
    assert check_settings() == []


@pytest.mark.parametrize("address", ["", " ", "www.example.org", "ftp://example.org", "https://"])
def test_the_address_of_the_admin_is_one(settings, address):
    settings.WAGTAILADMIN_BASE_URL = "https://www.example.org/cms"
    assert check_base_url() == []
    settings.WAGTAILADMIN_BASE_URL = address
    [warning] = check_base_url()
    assert "WAGTAILADMIN_BASE_URL" in warning.msg and warning.hint
    del settings.WAGTAILADMIN_BASE_URL
    assert check_base_url() == [], "Wagtail says so itself"


def test_every_key_is_optional(settings):
    settings.WAGTAIL_SALESFORCE = {}
    assert conf.problems() == []
    assert conf.conf().API_VERSION == "66.0"
    del settings.WAGTAIL_SALESFORCE
    assert conf.conf() == conf.Conf()


def test_a_usable_key_has_nothing_to_say(settings, tmp_path):
    file = tmp_path / "salesforce.key"
    file.write_text(keys().private)
    settings.WAGTAIL_SALESFORCE = {"JWT_PRIVATE_KEY_FILE": str(file)}
    assert check_settings() == []
    settings.WAGTAIL_SALESFORCE = {"JWT_PRIVATE_KEY": keys().private.replace("\n", "\\n")}
    assert check_settings() == []


def test_secrets_are_not_in_the_text_of_the_settings(settings):
    secrets = {"CLIENT_SECRET": "one", "JWT_PRIVATE_KEY": "two", "ENCRYPTION_KEYS": ["three"]}
    settings.WAGTAIL_SALESFORCE = secrets
    assert not [word for word in ("one", "two", "three") if f"'{word}'" in repr(conf.conf())]


def test_a_refusal_does_not_repeat_the_key(settings):
    settings.WAGTAIL_SALESFORCE = {"JWT_PRIVATE_KEY": "a-password-by-mistake"}
    [error] = check_settings()
    assert "by-mistake" not in f"{error.msg} {error.hint}"
