"""Which addresses may be given a secret or a token."""

from __future__ import annotations

import string
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wagtail_salesforce.exceptions import AuthorizationFailed
from wagtail_salesforce.salesforce.hosts import HostRules, parse_address


RULES = HostRules()
OPEN = HostRules.of(["login.Example.org", "*.example.net", "sf.example.com:8443"], True)

GOOD = {
    "https://login.salesforce.com": "https://login.salesforce.com",
    "https://test.salesforce.com/": "https://test.salesforce.com",
    "HTTPS://Acme.My.Salesforce.com": "https://acme.my.salesforce.com",
    "https://acme.my.salesforce.com:443/services": "https://acme.my.salesforce.com",
    "https://acme--dev.sandbox.my.salesforce.com": "https://acme--dev.sandbox.my.salesforce.com",
    "https://acme-dev-ed.develop.my.salesforce.com?a=1#b": (
        "https://acme-dev-ed.develop.my.salesforce.com"
    ),
}

BAD = [
    "",
    "login.salesforce.com",
    "http://login.salesforce.com",
    "ftp://login.salesforce.com",
    "https://",
    "https://my.salesforce.com",
    "https://.my.salesforce.com",
    "https://acme.my.salesforce.com.",
    "https://acme.my.salesforce.com.evil.example",
    "https://evilmy.salesforce.com",
    "https://notlogin.salesforce.com",
    "https://acme.salesforce.com",
    "https://login.salesforce.com:8443",
    "https://login.salesforce.com:99999",
    "https://login.salesforce.com:",
    "https://evil.example/login.salesforce.com",
    "https://evil.example#.my.salesforce.com",
    "https://evil.example?.my.salesforce.com",
    "https://evil.example\\.my.salesforce.com",
    "https://evil.example\\@acme.my.salesforce.com",
    "https:\\\\login.salesforce.com",
    "https://user:word@login.salesforce.com",
    "https://login.salesforce.com@evil.example",
    "https://evil.example%2f.my.salesforce.com",
    "https://evil.example%00.my.salesforce.com",
    "https://evil.example\n.my.salesforce.com",
    " https://login.salesforce.com",
    "https://login.salesforce.com\n",
    "https://login.salesforce.com\t",
    "https:// login.salesforce.com",
    "https:///login.salesforce.com",
    "https://lоgin.salesforce.com",  # a Cyrillic o
    "https://acme。my.salesforce.com",  # an ideographic full stop
    "https://ａcme.my.salesforce.com",  # a full-width a
    "https://-acme.my.salesforce.com",
    "https://ac_me.my.salesforce.com",
    "https://acme..my.salesforce.com",
    "https://127.0.0.1",
    "http://localhost:8001",
    "https://[::1]",
]


@pytest.mark.parametrize(("url", "origin"), GOOD.items())
def test_salesforce_hosts_are_permitted(url, origin):
    assert RULES.check(url).origin == origin


@pytest.mark.parametrize("url", BAD)
@pytest.mark.parametrize("rules", [RULES, HostRules(allow_loopback=False)])
def test_everything_else_is_refused(url, rules):
    with pytest.raises(AuthorizationFailed) as refusal:
        rules.check(url)
    assert refusal.value.code == "host_not_allowed"
    assert "word" not in refusal.value.message


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8001",
        "http://127.0.0.1:8001/x",
        "http://127.9.9.9",
        "http://[::1]:8001",
        "https://localhost:8443",
    ],
)
def test_loopback_is_permitted_by_the_setting_only(url):
    assert OPEN.check(url).is_loopback
    with pytest.raises(AuthorizationFailed):
        RULES.check(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.1:8001",
        "http://2130706433",
        "http://0x7f.0.0.1",
        "http://0177.0.0.1",
        "http://localhost.evil.example",
        "http://localhost.",
        "http://127.0.0.1.evil.example",
        "http://10.0.0.1",
        "http://0.0.0.0:8001",
        "http://[::]:8001",
        "http://[fe80::1]",
        "http://169.254.169.254/latest",
        "http://login.example.org",
    ],
)
def test_the_loopback_setting_opens_nothing_else(url):
    with pytest.raises(AuthorizationFailed):
        OPEN.check(url)


def test_hosts_of_the_settings_are_permitted_over_https():
    assert OPEN.check("https://LOGIN.example.org/x").host == "login.example.org"
    assert OPEN.check("https://a.b.example.net").host == "a.b.example.net"
    assert OPEN.check("https://sf.example.com:8443").port == 8443
    for url in ("https://example.net", "https://sf.example.com", "https://login.example.org:444"):
        with pytest.raises(AuthorizationFailed):
            OPEN.check(url)


REFUSALS = {
    "https://evil.example/path": ("The host evil.example is not one of", "ALLOWED_HOSTS"),
    "http://evil.example": ("http://evil.example is not safe", "Use https."),
    "https://na139.salesforce.com": ("server, which may change", "Current My Domain URL"),
    "https://acme--c.vf.force.com": ("nobody logs in there", "Current My Domain URL"),
    "": ("no login address", "Enter one"),
    "https://a:b@acme.my.salesforce.com": ("not an address", "Write it like"),
}


@pytest.mark.parametrize(("url", "words"), REFUSALS.items())
def test_a_refusal_says_what_it_is_and_the_cure_once(url, words):
    with pytest.raises(AuthorizationFailed) as refusal:
        RULES.check(url)
    assert words[0] in refusal.value.message and words[1] in refusal.value.cure
    assert words[1] not in refusal.value.message


hosts = st.text(string.ascii_letters + string.digits + ".-:@\\/%?#[]_ \n\u00e9", max_size=60)


@given(hosts)
@example("a.my.salesforce.com")
def test_what_is_permitted_is_what_every_parser_reads(text):
    """Whatever is permitted, Python's own parser sees the same, permitted host."""
    address = parse_address(f"https://{text}")
    if address is None or not RULES.permits(address):
        return
    assert urlsplit(f"https://{text}").hostname == address.host
    assert address.host.endswith(".salesforce.com")
    assert "@" not in f"https://{text}".split("/", 3)[2]


@given(st.text(max_size=40))
def test_no_text_at_all_makes_the_check_fail_otherwise(text):
    try:
        RULES.check(text)
    except AuthorizationFailed:
        return
    assert text.lower().startswith("https://")
