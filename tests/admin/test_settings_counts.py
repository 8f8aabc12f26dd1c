"""How many contacts the choices of the settings mean."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.admin.people import client_of
from tests.admin.test_panel_settings import PANEL, save
from tests.ready import make_contacts
from wagtail_salesforce.contacts.models import Attribute, Contact
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.scoring.models import Score, ScorePoints


pytestmark = pytest.mark.django_db


@pytest.fixture
def client(db):
    return client_of("change_replicationsettings")


@pytest.fixture
def people():
    """Six contacts: yes, no, null, nothing, a text, a list; and a visitor without a name."""
    Attribute.objects.create(name="news", label="Newsletter", type="boolean")
    answers = [
        {"news": True},
        {"news": False},
        {"news": None},
        {},
        {"news": "yes"},
        {"news": [True]},
    ]
    contacts = make_contacts(len(answers))
    for contact, attributes in zip(contacts, answers, strict=True):
        Contact.objects.filter(pk=contact.pk).update(attributes=attributes)
    Contact.objects.bulk_create([Contact(attributes={"news": True})])
    return contacts


def counts(client, **query):
    response = client.get(reverse("wagtail_salesforce:settings_counts"), query)
    assert response.status_code == 200
    return response.json()


HELD = "Holds back 5 of 6 contacts now: everybody whose answer is no or not known."


def test_whom_consent_holds_back(client, people):
    assert counts(client, consent="news") == {"consent": HELD, "audience": ""}
    ReplicationSettings.load()
    assert HELD not in client.get(PANEL).content.decode()
    ReplicationSettings.objects.update(consent_attribute="news")
    assert HELD in client.get(PANEL).content.decode()


def test_the_number_is_that_of_a_run(people, org):
    from tests.ready import ready, run

    ready(org, consent_attribute="news")
    assert run().counts["created"] == 1


@pytest.mark.parametrize("name", ["contains", "isnull", "has_key", "exact"])
def test_an_attribute_may_be_named_like_a_test_of_the_database(client, name):
    Attribute.objects.create(name=name, label="Odd", type="boolean")
    make_contacts(2)
    Contact.objects.filter(email="person0@example.org").update(attributes={name: True})
    assert counts(client, consent=name)["consent"].startswith("Holds back 1 of 2 contacts")


def test_it_is_one_statement_for_the_contacts(client, people):
    with CaptureQueriesContext(connection) as captured:
        counts(client, consent="news")
    table = f"FROM {connection.ops.quote_name('wagtail_salesforce_contact')}"
    assert sum(table in query["sql"] for query in captured) == 1


@pytest.fixture
def score(people):
    score = Score.objects.create(name="Sales ready")
    for contact, points in zip(people, (3, 5, 9, -2), strict=False):
        ScorePoints.objects.create(
            score=score, contact=contact, generation=score.generation, points=points
        )
    later = timezone.now() + timedelta(days=1)
    ScorePoints.objects.filter(points=5).update(expires_at=later)
    return score


@pytest.mark.parametrize(
    ("points", "number"),
    [("5", "2 contacts have"), ("9", "1 contact has"), ("10", "0 contacts have"),
     ("0", "5 contacts have"), (" 3 ", "3 contacts have")],
)  # fmt: skip
def test_who_reaches_a_score(client, score, points, number):
    found = counts(client, audience=str(score.pk), minimum_points=points)
    assert found["audience"] == f"{number} enough points now."


def test_points_that_have_expired_count_for_nobody(client, score):
    ScorePoints.objects.filter(points=9).update(expires_at=timezone.now() - timedelta(minutes=1))
    found = counts(client, audience=str(score.pk), minimum_points="5")
    assert found["audience"] == "1 contact has enough points now."


def test_the_stored_choice_stands_on_the_page(client, score):
    settings = ReplicationSettings.load()
    settings.choose_score(score)
    settings.minimum_points = 5
    settings.save()
    assert "2 contacts have enough points now." in client.get(PANEL).content.decode()


def test_a_refused_form_is_counted_as_it_is_shown(client, score):
    page = save(client, audience=str(score.pk), minimum_points="9", batch_size="many")
    assert "1 contact has enough points now." in page.content.decode()
    page = save(client, audience=str(score.pk), minimum_points="nonsense")
    assert "enough points now" not in page.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"consent": "gone"},
        {"consent": "'; DROP TABLE"},
        {"consent": "news__isnull"},
        {"audience": "all", "minimum_points": "1"},
        {"audience": "4711", "minimum_points": "1"},
        {"audience": "9" * 50, "minimum_points": "1"},
    ],
)
def test_what_is_not_known_is_not_counted(client, people, query):
    assert counts(client, **query) == {"consent": "", "audience": ""}


@pytest.mark.parametrize("points", ["", "-1", "1e3", "many", "9" * 30])
def test_a_minimum_that_is_no_number_is_not_counted(client, score, points):
    found = counts(client, audience=str(score.pk), minimum_points=points)
    assert found["audience"] == ""


def test_only_with_the_permission():
    url = reverse("wagtail_salesforce:settings_counts")
    assert client_of("view_run", "view_contact").get(url).url == "/admin/"
    assert client_of("change_replicationsettings").post(url).status_code == 405
