"""Page visits: which are recorded, and how they become activities."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction

from tests.contacts.making import home
from tests.contacts.visiting import (
    ADA,
    FIREFOX,
    GOOGLEBOT,
    browser,
    cookie_of,
    known,
    later,
    minute,
    own_settings,
    waiting,
)
from wagtail_salesforce.contacts.models import Activity, Contact, Visitor


def test_a_visit_becomes_an_activity(page):
    client = browser()
    ada = known(client, page)
    before = ada.modified_at
    with later(5):
        client.get(f"/{page.slug}/?utm_campaign=spring&token=secret")
        now = timezone.now()
    assert waiting() == 1
    assert minute() == 1

    visit = ada.activities.get(type="page_visit")
    assert (visit.page_id, visit.title) == (page.pk, page.title)
    assert visit.url == f"http://testserver/{page.slug}/"
    assert visit.campaign == "spring"
    assert abs(visit.occurred_at - now) < timedelta(seconds=1)
    ada.refresh_from_db()
    assert ada.last_activity_at == visit.occurred_at
    assert ada.campaign == "spring"
    assert ada.modified_at == before
    assert waiting() == 0


def test_a_contact_is_made_once_the_browser_sends_the_cookie_back(page):
    client = browser()
    client.get("/?utm_campaign=spring")
    assert (waiting(), minute()) == (0, 0)
    with later(2):
        client.get(f"/{page.slug}/")
    assert (waiting(), minute()) == (2, 2)

    contact = Contact.objects.get()
    assert (contact.email, contact.campaign) == ("", "spring")
    visits = contact.activities.order_by("occurred_at").values_list("page_id", "campaign")
    assert list(visits) == [(home().pk, "spring"), (page.pk, "")]
    assert Visitor.objects.get().key == cookie_of(client).key


def test_programs_that_keep_no_cookie_leave_no_row(page):
    for _each in range(3):
        browser().get("/")
    assert (waiting(), minute(), Contact.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize(
    "headers",
    [
        {"user-agent": GOOGLEBOT},
        {"user-agent": ""},
        {"user-agent": "curl/8.5"},
        {"user-agent": FIREFOX + "x" * 400},
        {"sec-purpose": "prefetch;prerender"},
        {"purpose": "prefetch"},
        {"x-moz": "prefetch"},
    ],
)
def test_what_is_no_visit_of_a_person(page, headers):
    client = browser()
    known(client, page)
    client.get("/", headers=headers)
    assert waiting() == 0


def test_other_answers_are_no_visits(page):
    client = browser()
    known(client, page)
    client.head("/")
    client.post("/")
    client.get("/nowhere/")
    client.get(f"/{page.slug}")
    client.get("/admin/login/")
    assert waiting() == 0


def test_pages_behind_a_password_are_visited_once_it_is_given(page):
    client = browser()
    known(client, page)
    secret = home().add_child(instance=Page(title="Secret", slug="secret"))
    PageViewRestriction.objects.create(page=secret, restriction_type="password", password="x")
    assert client.get("/secret/").status_code == 200
    assert waiting() == 0


def test_previews_are_no_visits(page):
    client = browser()
    known(client, page)
    request = client.get("/").wsgi_request
    minute()
    page.make_preview_request(original_request=request)
    assert waiting() == 0


def test_switched_off_nothing_is_recorded(page, settings):
    client = browser()
    known(client, page)
    settings.WAGTAIL_SALESFORCE = own_settings(PAGE_VISITS=False)
    client.get("/")
    assert waiting() == 0


def test_without_consent_nothing_is_recorded(page):
    client = browser(consent=False)
    client.force_login(get_user_model().objects.create_user("ada", ADA, "secret"))
    for _each in range(3):
        client.get("/")
    assert waiting() == 0


def test_reloads_count_once(page):
    client = browser()
    ada = known(client, page)
    for seconds in (0, 10, 29, 31, 45, 70):
        with time_machine.travel(timezone.now() + timedelta(seconds=seconds), tick=False):
            client.get("/")
            client.get(f"/{page.slug}/")
        if seconds == 29:
            minute()
    minute()
    visits = ada.activities.filter(type="page_visit")
    assert visits.filter(page_id=page.pk).count() == 3
    assert visits.count() == 6


def test_two_tabs_at_once_tell_of_the_first_page_once(page):
    client = browser()
    client.get("/")
    tab = browser()
    tab.cookies = client.cookies.copy()
    with later(1):
        client.get(f"/{page.slug}/")
        tab.get(f"/{page.slug}/")
    minute()
    assert Activity.objects.count() == 2
