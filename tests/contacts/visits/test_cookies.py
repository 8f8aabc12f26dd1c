"""The visitor cookie: set only with consent, signed, private."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
import time_machine
from django.core import signing
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.contacts.making import submit
from tests.contacts.visiting import (
    ADA,
    FIREFOX,
    GOOGLEBOT,
    browser,
    cookie_of,
    own_settings,
    respond_with,
)
from wagtail_salesforce.contacts import visitors
from wagtail_salesforce.contacts.models import Contact, VisitBuffer, Visitor
from wagtail_salesforce.contacts.visitors import Cookie, Landing
from wagtail_salesforce.contacts.visits import LONGEST_PATH


def test_the_cookie_is_first_party_and_out_of_reach_of_scripts(page):
    client = browser()
    client.get("/", secure=True)
    morsel = client.cookies[visitors.NAME]

    assert morsel["httponly"]
    assert morsel["secure"]
    assert (morsel["samesite"], morsel["path"], morsel["domain"]) == ("Lax", "/", "")
    assert 364 < morsel["max-age"] / 86400 <= 365


def test_over_plain_http_the_cookie_still_works(page):
    client = browser()
    client.get("/")
    assert not client.cookies[visitors.NAME]["secure"]


def test_it_ends_a_year_after_it_was_first_set(page):
    client = browser()
    client.get("/")
    with time_machine.travel(timezone.now() + timedelta(days=300), tick=False):
        client.get("/?utm_campaign=later")
        assert client.cookies[visitors.NAME]["max-age"] == pytest.approx(65 * 86400, abs=5)
    with time_machine.travel(timezone.now() + timedelta(days=366), tick=False):
        assert visitors.decode(client.cookies[visitors.NAME].value) is None


def test_a_response_with_the_cookie_is_private_and_those_without_are_as_before(page):
    client = browser()
    first, second, third = (client.get("/") for _each in range(3))
    for response in (first, second):
        assert response.cookies[visitors.NAME]
        assert response.headers["Cache-Control"] == "private"
        assert "Cookie" in response.headers["Vary"]
    assert visitors.NAME not in third.cookies
    assert "Cache-Control" not in third.headers


@pytest.mark.parametrize("control", ["public, max-age=60", "s-maxage=60", "Public"])
def test_a_response_for_shared_caches_never_holds_a_cookie(db, rf, control):
    for sent in ({}, {visitors.NAME: visitors.encode(visitors.new_cookie())}):
        for consent in ("yes", "no"):
            request = rf.get("/?utm_campaign=a", headers={"user-agent": FIREFOX})
            request.COOKIES = {"consent": consent, **sent}
            response = respond_with({"Cache-Control": control})(request)
            assert not response.cookies
            assert response.headers["Cache-Control"] == control


def test_nothing_to_remember_sets_no_cookie(page, settings):
    settings.WAGTAIL_SALESFORCE = own_settings(PAGE_VISITS=False)
    client = browser()
    response = client.get("/")
    assert visitors.NAME not in response.cookies
    assert "Cache-Control" not in response.headers

    client.get("/?utm_campaign=spring")
    assert cookie_of(client).campaign == "spring"
    submit(page, client, your_e_mail=ADA)
    assert Contact.objects.get().campaign == "spring"
    assert not VisitBuffer.objects.exists()


def test_a_campaign_counts_for_thirty_days(page):
    client = browser()
    client.get("/?utm_campaign=spring")
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        submit(page, client, your_e_mail=ADA)
    assert Contact.objects.get().campaign == ""


def test_crawlers_get_no_cookie(page):
    client = browser(agent=GOOGLEBOT)
    client.get("/?utm_campaign=spring")
    submit(page, client, your_e_mail=ADA)
    assert cookie_of(client) is None
    assert not Visitor.objects.exists()


# Cookies that are not ours.


def tampered():
    token = visitors.encode(visitors.new_cookie())
    return [
        "",
        "x",
        token[:-1],
        token + "x",
        "a" + token,
        token.swapcase(),
        "\x00",
        "ä:b:c",
        "." * 4000,
        signing.dumps(["token"], salt=visitors.SALT),
        signing.dumps({"a": 1}, salt=visitors.SALT),
        signing.dumps(5, salt=visitors.SALT),
        signing.dumps(["t", "x", "", "", 0, None], salt=visitors.SALT),
        signing.dumps(["t", 5, "", "", 0, [1]], salt=visitors.SALT),
        signing.dumps(["t", 5, "", "", 0, None], salt="another"),
    ]


@pytest.mark.parametrize("value", tampered(), ids=range(15))
def test_a_forged_cookie_is_no_cookie(page, value, caplog):
    caplog.set_level(logging.DEBUG)
    client = browser()
    client.cookies[visitors.NAME] = value
    assert client.get("/").status_code == 200
    submit(page, client, your_e_mail=ADA)

    assert Visitor.objects.get().key == cookie_of(client).key
    ours = [record for record in caplog.records if "salesforce" in record.name]
    assert not [record for record in ours if value and value in record.getMessage()]


@given(st.text(max_size=60))
def test_no_text_is_a_cookie(value):
    assert visitors.decode(value) is None


@given(
    st.builds(
        Cookie,
        token=st.just("token"),
        since=st.just(4_000_000_000),
        user_pk=st.text(max_size=64),
        campaign=st.text(max_size=200),
        campaign_at=st.integers(0, 2**40),
        landing=st.none()
        | st.builds(Landing, st.integers(0, 2**63), st.text(), st.floats(0, 1e12)),
    )
)
def test_a_cookie_survives_its_journey(cookie):
    assert visitors.decode(visitors.encode(cookie)) == cookie


def test_the_longest_cookie_fits_into_browsers():
    path = "/" + "x" * (LONGEST_PATH - 1)
    longest = Cookie(
        "t" * 22, 2**31, "u" * 64, "\U0001f600" * 200, 2**31, Landing(2**63, path, 1.5)
    )
    assert len(visitors.NAME) + len(visitors.encode(longest)) < 4096


def test_a_cookie_of_the_former_secret_key_works_while_that_is_a_fallback(page, settings):
    client = browser()
    submit(page, client, your_e_mail=ADA)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert cookie_of(client).key == Visitor.objects.get().key
    settings.SECRET_KEY_FALLBACKS = []
    assert cookie_of(client) is None
    submit(page, client, your_e_mail="bob@example.org")
    assert Visitor.objects.count() == 2
