"""What does not stop replication stands on top too, as something to look at."""

from __future__ import annotations

import html
import re

import pytest

from tests.admin.people import client_of
from tests.contacts.making import connect, make_form
from tests.ready import ready
from tests.testapp.models import FormPage
from wagtail_salesforce.contacts.models import Contact, FormConnection
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.scoring.models import Rule, Score


pytestmark = pytest.mark.django_db

PANEL = "/admin/salesforce/"


def warnings_of(client, **headers) -> dict[str, str]:
    """The words of each warning, by its code."""
    page = client.get(PANEL, **headers).content.decode()
    found = re.findall(r'<li[^>]*data-warning="(\w+)">(.*?)</li>', page, re.DOTALL)
    return {code: " ".join(words.split()) for code, words in found}


@pytest.fixture(autouse=True)
def form(db) -> FormConnection:
    """A form that is connected: without any there is one more thing to look at."""
    return FormConnection.objects.create(name="Contact us", page_id=1)


def test_no_form_is_connected(admin_client, org, form):
    ready(org)
    form.enabled = False
    form.save()
    shown = warnings_of(admin_client)["no_form"]
    assert "no contact comes from the site's forms" in html.unescape(shown)
    assert "has no form page yet" in shown
    make_form()
    shown = warnings_of(admin_client)["no_form"]
    assert "Connect the forms whose visitors" in shown
    url = re.search(r'href="([^"]+)"', shown)[1]
    assert "Not connected" in admin_client.get(url).content.decode()
    asked = warnings_of(client_of("view_run"))["no_form"]
    assert "href=" not in asked and "Ask somebody who may connect forms." in asked
    connect(FormPage.objects.get())
    assert "no_form" not in warnings_of(admin_client)


def test_a_site_whose_contacts_come_in_other_ways_needs_no_form(admin_client, org, form):
    ready(org)
    form.delete()
    Contact.objects.create(email="ada@example.org")
    assert warnings_of(admin_client) == {}
    make_form()
    assert "no_form" in warnings_of(admin_client)


@pytest.fixture
def score(org):
    """The score that chooses the contacts."""
    score = Score.objects.create(name="Hot")
    ready(org, score=score, by_score=True)
    return score


def test_a_score_that_is_up_to_date_needs_no_look(admin_client, score):
    assert warnings_of(admin_client) == {}


def test_a_score_whose_rules_have_changed(admin_client, score):
    Rule.objects.create(score=score, name="A form", kind="activity", activity_type="form", points=1)
    shown = warnings_of(admin_client)["score_old"]
    assert (
        "The rules of the score “Hot” have changed" in shown and "Recalculate the score." in shown
    )
    url = re.search(r'href="([^"]+)"', shown)[1]
    assert "Recalculate" in admin_client.get(url).content.decode()


def test_a_score_that_is_switched_off(admin_client, score):
    score.enabled = False
    score.save()
    shown = warnings_of(admin_client)["score_disabled"]
    assert "is switched off" in shown and "Switch it on." in shown


def test_a_score_whose_recalculation_failed(admin_client, score):
    Score.objects.update(status="failed")
    assert "failed" in warnings_of(admin_client)["score_failed"]


def test_who_may_not_see_scores_is_told_whom_to_ask(score):
    Score.objects.update(status="failed")
    shown = warnings_of(client_of("view_run"))["score_failed"]
    assert "href=" not in shown and "Ask somebody who may change scores." in shown


def test_a_score_that_is_not_in_use_does_not_matter(admin_client, score):
    ReplicationSettings.objects.update(by_score=False, score=None)
    Score.objects.update(status="failed")
    assert warnings_of(admin_client) == {}


@pytest.mark.parametrize(
    ("address", "host", "code"),
    [
        ("http://testserver", "testserver", None),
        ("https://testserver/", "testserver:443", None),
        ("", "testserver", "base_url_missing"),
        (None, "testserver", "base_url_missing"),
        ("http://example.com", "testserver", "base_url_other"),
        ("http://example.com", "example.com", "base_url_example"),
        ("https://admin.acme.test", "staging.acme.test", "base_url_other"),
        ("http://localhost:8000", "localhost:8000", None),
        ("http://localhost:8000", "127.0.0.1:8000", "base_url_other"),
    ],
)
def test_an_address_that_would_break_the_callback(admin_client, settings, address, host, code):
    settings.WAGTAILADMIN_BASE_URL = address
    found = warnings_of(admin_client, HTTP_HOST=host)
    assert set(found) == ({code} if code else set())
    if code:
        assert "WAGTAILADMIN_BASE_URL" in found[code] and "Ask the people who run" in found[code]


def test_the_address_matters_only_to_who_may_authorize(settings):
    settings.WAGTAILADMIN_BASE_URL = "http://example.com"
    assert "base_url_other" in warnings_of(client_of("authorize_connection"))
    assert warnings_of(client_of("change_replicationsettings", "view_run")) == {}
