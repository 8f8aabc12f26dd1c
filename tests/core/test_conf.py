"""The settings contract: unknown keys and wrong types are named."""

from __future__ import annotations

import pytest

from wagtail_salesforce import conf
from wagtail_salesforce.checks import check_settings


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
        ({"CLIENT_SECRET": 5}, "CLIENT_SECRET"),
        ({"ENCRYPTION_KEYS": ["short"]}, "ENCRYPTION_KEYS"),
        ({"CA_BUNDLE": "/nowhere/ca.pem"}, "CA_BUNDLE"),
        ([], "WAGTAIL_SALESFORCE"),
    ],
)
def test_what_is_wrong_is_named(settings, given, names):
    settings.WAGTAIL_SALESFORCE = given
    [error] = check_settings()
    assert names in error.msg
    assert error.hint


def test_every_key_is_optional(settings):
    settings.WAGTAIL_SALESFORCE = {}
    assert conf.problems() == []
    assert conf.conf().API_VERSION == "66.0"
    del settings.WAGTAIL_SALESFORCE
    assert conf.conf() == conf.Conf()
