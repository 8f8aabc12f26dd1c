"""Login addresses as people paste them are understood, or refused with the cure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_salesforce.exceptions import AuthorizationFailed
from wagtail_salesforce.salesforce.hosts import HostRules
from wagtail_salesforce.salesforce.typed_hosts import as_login_url


RULES = HostRules()
ACME = "https://acme.my.salesforce.com"
DEV = "https://acme--dev.sandbox.my.salesforce.com"

UNDERSTOOD = {
    "acme": ACME,
    "Acme": ACME,
    "acme.my.salesforce.com": ACME,
    " ACME.My.Salesforce.COM/ ": ACME,
    "https://acme.my.salesforce.com/": ACME,
    "http://acme.my.salesforce.com": ACME,
    '"https://acme.my.salesforce.com"': ACME,
    "<https://acme.my.salesforce.com>": ACME,
    "https://acme.my.salesforce.com/services/oauth2/token": ACME,
    "https://acme.my.salesforce.com/?ec=302&startURL=%2Fhome": ACME,
    "https://acme.lightning.force.com/lightning/setup/SetupOneHome/home": ACME,
    "acme.lightning.force.com": ACME,
    "https://acme.lightning.force.com/one/one.app#/home": ACME,
    "https://acme.my.salesforce-setup.com/lightning/setup/OrgDomain/home": ACME,
    "https://acme--dev.sandbox.lightning.force.com/lightning/page/home": DEV,
    "https://acme--dev.sandbox.my.salesforce-setup.com": DEV,
    "https://acme-dev-ed.develop.lightning.force.com": (
        "https://acme-dev-ed.develop.my.salesforce.com"
    ),
    "login.salesforce.com": "https://login.salesforce.com",
    "https://login.salesforce.com/?un=ada@example.org": "https://login.salesforce.com",
    "http://test.salesforce.com": "https://test.salesforce.com",
}


@pytest.mark.parametrize(("text", "origin"), UNDERSTOOD.items())
def test_what_people_paste_is_understood(text, origin):
    assert RULES.check(as_login_url(text)).origin == origin


REFUSED = [
    "",
    "  ",
    "localhost",
    "evil.example",
    "https://acme.lightning.force.com.evil.example",
    "https://evil.example/acme.lightning.force.com",
    "https://.lightning.force.com",
    "https://lightning.force.com",
    "https://acme.lightning.force.com:8443",
    "https://user:word@acme.lightning.force.com",
    "http://acme.my.salesforce.com:8080",
    "na139.salesforce.com",
    "acme.my.site.com",
    "my.salesforce.com",
    "ada@example.org",
    "acme my domain",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("text", REFUSED)
def test_everything_else_is_refused_with_the_cure(text):
    with pytest.raises(AuthorizationFailed) as refusal:
        RULES.check(as_login_url(text))
    assert refusal.value.code == "host_not_allowed"
    assert refusal.value.cure.endswith((".", ".)"))
    assert "word" not in refusal.value.message


@given(st.text(max_size=60))
def test_understanding_opens_no_other_host(text):
    try:
        address = RULES.check(as_login_url(text))
    except AuthorizationFailed:
        return
    assert address.scheme == "https" and address.port is None
    assert address.host.endswith(".salesforce.com")
