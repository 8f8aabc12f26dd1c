"""The visitor cookie is forgotten when asked, and when its time is over."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from django.utils import timezone

from tests.contacts.making import submit
from tests.contacts.visiting import (
    ADA,
    browser,
    minute,
    own_settings,
)
from wagtail_salesforce.contacts import visitors
from wagtail_salesforce.contacts.erase import erase
from wagtail_salesforce.contacts.models import Contact, Visitor
from wagtail_salesforce.contacts.visitors_forget import forget_ended


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
