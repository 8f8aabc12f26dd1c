"""Contacts → Inactive contacts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from tests.admin.people import client_of, messages_of
from tests.cluster import work
from wagtail_salesforce.contacts.inactive import start_daily
from wagtail_salesforce.contacts.models import Contact, InactiveContactRule


pytestmark = pytest.mark.django_db(transaction=True)

GIVEN = {"enabled": "on", "days": "30", "only_anonymous": "on"}


@pytest.fixture
def url():
    return reverse("wagtail_salesforce_inactive:rule")


@pytest.fixture
def editor():
    return client_of("erase_contact")


@pytest.fixture
def old():
    before = timezone.now() - timedelta(days=100)
    Contact.objects.bulk_create(Contact(created_at=before) for _ in range(3))


def text(response):
    return " ".join(response.content.decode().split())


def test_it_shows_whom_it_would_delete_before_it_is_on(url, editor, old):
    page = text(editor.get(url))
    assert "With these settings 0 contacts would be deleted now." in page
    assert "The rule is off, so nobody is deleted." in page
    counted = text(editor.post(url, {**GIVEN, "count": "1"}))
    assert "With these settings 3 contacts would be deleted now." in counted
    assert not InactiveContactRule.objects.exists()


def test_switching_on_has_to_be_confirmed_with_the_number(url, editor, old):
    asked = editor.post(url, GIVEN)
    assert "3 contacts would be deleted now. Is that what you want?" in text(asked)
    assert not InactiveContactRule.load().enabled
    confirmed = asked.context["confirm"]
    done = editor.post(url, {**GIVEN, "confirmed": confirmed}, follow=True)
    assert messages_of(done) == [
        "Saved. The daily check deletes the contacts that are inactive by then."
    ]
    assert InactiveContactRule.load().enabled
    assert "The rule is on." in text(done)
    assert Contact.objects.count() == 3
    start_daily()
    work()
    assert not Contact.objects.exists()
    assert "Finished: 3 done" in text(editor.get(url))


def test_other_values_have_to_be_confirmed_anew(url, editor, old):
    confirmed = editor.post(url, GIVEN).context["confirm"]
    asked = editor.post(url, {**GIVEN, "days": "20", "confirmed": confirmed})
    assert "Is that what you want?" in text(asked)
    assert not InactiveContactRule.objects.exists()


def test_where_nobody_would_be_deleted_nothing_is_asked(url, editor):
    editor.post(url, GIVEN)
    assert InactiveContactRule.load().enabled


def test_switching_off_asks_nothing(url, editor, old):
    InactiveContactRule.objects.create(pk=1, enabled=True, days=30)
    done = editor.post(url, {"days": "30", "only_anonymous": "on"}, follow=True)
    assert messages_of(done) == ["Saved. No contacts are deleted by the rule."]
    assert not InactiveContactRule.load().enabled


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ("9", "Enter 10 days or more."),
        ("-1", "Enter 10 days or more."),
        ("", "Enter a number of days."),
        ("soon", "Enter a whole number of days, such as 365."),
        ("99999999999999999999", "Enter at most 36500 days."),
    ],
)
def test_days_that_cannot_be(url, editor, days, words):
    page = editor.post(url, {**GIVEN, "days": days})
    assert page.context["form"].errors == {"days": [words]}
    assert words in text(page)
    assert not InactiveContactRule.objects.exists()


def test_the_audit_log_knows_who_changed_it(url, editor):
    editor.post(url, GIVEN)
    [entry] = ModelLogEntry.objects.all()
    assert entry.action == "wagtail_salesforce.change_inactive_rule"
    assert entry.data == {
        "enabled": True,
        "days": 30,
        "only_anonymous": True,
        "with_leads": False,
    }
    assert entry.user


@pytest.mark.parametrize("permissions", [(), ("view_contact", "change_contact", "delete_contact")])
def test_only_those_who_may_erase(url, permissions):
    other = client_of(*permissions)
    assert other.get(url).status_code == 302
    assert other.post(url, GIVEN).status_code == 302
    assert not InactiveContactRule.objects.exists()
    assert url not in text(other.get(reverse("wagtailadmin_home")))


def test_it_is_in_the_menu(url, editor):
    assert url in text(editor.get(reverse("wagtailadmin_home")))


def test_statements(url, editor, django_assert_max_num_queries):
    editor.get(url)
    with django_assert_max_num_queries(15):
        editor.get(url)
