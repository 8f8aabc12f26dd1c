"""The visitor cookie: set only with consent, signed, private, forgotten when asked."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest
import time_machine
from asgiref.sync import async_to_sync
from django.core import checks, signing
from django.http import HttpResponse
from django.test import AsyncClient
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.contacts.making import connect, make_form, submit
from tests.contacts.visiting import (
    FIREFOX,
    GOOGLEBOT,
    MIDDLEWARE,
    browser,
    cookie_of,
    minute,
    own_settings,
)
from wagtail_salesforce.checks import check_visitors
from wagtail_salesforce.contacts import visitors
from wagtail_salesforce.contacts.erase import erase
from wagtail_salesforce.contacts.models import Contact, VisitBuffer, Visitor
from wagtail_salesforce.contacts.request_context import acting, current
from wagtail_salesforce.contacts.visitors import Cookie, Landing
from wagtail_salesforce.contacts.visitors_forget import forget_ended
from wagtail_salesforce.contacts.visits import LONGEST_PATH
from wagtail_salesforce.middleware import VisitorMiddleware


ADA = "ada@example.org"


@pytest.fixture(autouse=True)
def site(settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, MIDDLEWARE]
    settings.WAGTAIL_SALESFORCE = own_settings()


@pytest.fixture
def page(db):
    page = make_form()
    connect(page)
    return page


def respond_with(headers=None, error=None):
    """The middleware around a view of the site's own."""

    def view(request):
        assert current().request is request
        current().page_id = 1
        if error:
            raise error
        return HttpResponse("<html>", headers=headers)

    return VisitorMiddleware(view)


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


# Forgetting.


def test_consent_taken_back_forgets_the_browser(page):
    client = browser()
    submit(page, client, your_e_mail=ADA)
    client.get("/")
    client.cookies["consent"] = "no"
    response = client.get("/")

    assert response.cookies[visitors.NAME]["max-age"] == 0
    assert not Visitor.objects.exists()
    assert minute() == 0
    assert Contact.objects.get().email == ADA


def test_a_hook_that_fails_neither_sets_nor_deletes(page, settings, caplog):
    client = browser()
    submit(page, client, your_e_mail=ADA)
    settings.WAGTAIL_SALESFORCE = own_settings(COOKIE_CONSENT="tests.contacts.visiting.failing")
    response = client.get("/")

    assert response.status_code == 200
    assert visitors.NAME not in response.cookies
    assert Visitor.objects.exists()
    assert "RuntimeError" in caplog.text
    assert ADA not in caplog.text


def test_the_cookie_of_a_contact_who_is_gone_leads_to_nobody(page):
    client = browser()
    submit(page, client, your_e_mail=ADA)
    client.get("/")
    erase([Contact.objects.get().pk])

    assert minute() == 0
    submit(page, client, your_e_mail="bob@example.org")
    assert Contact.objects.get().email == "bob@example.org"
    assert Visitor.objects.get().contact.activities.count() == 1


def test_browsers_whose_cookies_have_ended_are_deleted(page):
    client = browser()
    submit(page, client, your_e_mail=ADA)
    assert forget_ended() == {"state": "finished", "browsers": 0}
    with time_machine.travel(timezone.now() + timedelta(days=367), tick=False):
        assert forget_ended()["browsers"] == 1
    assert Contact.objects.exists()


# The middleware.


def test_nothing_stays_behind_after_the_response(db, rf):
    respond_with()(rf.get("/"))
    assert current() is None
    with pytest.raises(ZeroDivisionError):
        respond_with(error=ZeroDivisionError())(rf.get("/"))
    assert (current(), acting()) == (None, None)


@pytest.fixture
def no_loop():
    """Where browser tests ran before, Playwright's loop counts as this thread's running one."""
    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(running)


def test_it_serves_asynchronously(db, async_rf, no_loop):
    async def view(request):
        assert current().request is request
        current().page_id = 1
        return HttpResponse("<html>")

    request = async_rf.get("/", headers={"user-agent": FIREFOX})
    request.COOKIES["consent"] = "yes"
    response = async_to_sync(VisitorMiddleware(view))(request)
    assert response.cookies[visitors.NAME]
    assert current() is None

    async def failing(request):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        async_to_sync(VisitorMiddleware(failing))(request)
    assert current() is None


@pytest.mark.django_db(transaction=True)
def test_a_whole_visit_under_asgi(no_loop):
    page = make_form()
    connect(page)
    client = AsyncClient()
    client.cookies["consent"] = "yes"
    data, headers = {"your_e_mail": ADA}, {"user-agent": FIREFOX}
    for _each in range(2):
        response = async_to_sync(client.get)(f"/{page.slug}/?utm_campaign=spring", headers=headers)
        assert response.status_code == 200
    async_to_sync(client.post)(f"/{page.slug}/", data, headers=headers)
    minute()

    ada = Contact.objects.get()
    assert ada.campaign == "spring"
    assert Visitor.objects.get().key == cookie_of(client).key
    assert ada.activities.filter(type="page_visit").count() == 1
    assert ada.activities.get(type="form_submission").url.endswith(f"/{page.slug}/")


# System checks.


def ids():
    return [message.id.rpartition(".")[2] for message in check_visitors()]


def test_the_checks_are_content_with_a_working_site():
    assert ids() == []


@pytest.mark.parametrize("key", ["COOKIE_CONSENT", "VERIFIED_USERS"])
@pytest.mark.parametrize("path", ["", "nowhere", "no.where", "tests.contacts.visiting.FIREFOX"])
def test_a_function_that_cannot_be_used(settings, key, path):
    settings.WAGTAIL_SALESFORCE = own_settings(**{key: path})
    assert "E030" in ids()


def test_settings_without_the_middleware(settings):
    settings.MIDDLEWARE = []
    (message,) = check_visitors()
    assert (message.level, message.id) == (checks.WARNING, "wagtail_salesforce.W031")
    assert "COOKIE_CONSENT, PAGE_VISITS" in message.msg


def test_page_visits_without_consent(settings):
    settings.WAGTAIL_SALESFORCE = {"PAGE_VISITS": True}
    assert ids() == ["W032"]


def test_wrong_types_are_told_once(settings):
    settings.WAGTAIL_SALESFORCE = {"PAGE_VISITS": "yes"}
    assert ids() == []
