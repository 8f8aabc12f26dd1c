"""The middleware of the visitor cookie, and the checks of its settings."""

from __future__ import annotations

import asyncio

import pytest
from asgiref.sync import async_to_sync
from django.core import checks
from django.http import HttpResponse
from django.test import AsyncClient

from tests.contacts.making import connect, make_form
from tests.contacts.visiting import (
    ADA,
    FIREFOX,
    cookie_of,
    minute,
    own_settings,
    respond_with,
)
from wagtail_salesforce.checks import check_visitors
from wagtail_salesforce.contacts import visitors
from wagtail_salesforce.contacts.models import Contact, Visitor
from wagtail_salesforce.contacts.request_context import acting, current
from wagtail_salesforce.middleware import VisitorMiddleware


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
