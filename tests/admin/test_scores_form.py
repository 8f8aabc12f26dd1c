"""A score's own fields: above all who is told when a contact reaches a limit."""

from __future__ import annotations

import pytest
from django.core import mail

from tests.admin.people import client_of
from tests.admin.rule_form import url
from wagtail_salesforce.contacts.capture import capture
from wagtail_salesforce.scoring.models import Rule, Score
from wagtail_salesforce.scoring.notify import send_waiting


pytestmark = pytest.mark.django_db

DATA = {"name": "Sales ready", "enabled": "on", "notify_at": "", "notify_addresses": ""}


@pytest.fixture
def client():
    return client_of("view_score", "add_score", "change_score")


def errors(client, **changes):
    return client.post(url("add"), {**DATA, **changes}).context["form"].errors


def test_addresses_are_kept_one_on_each_line(client):
    addresses = "a@example.org, b@example.org\r\n\r\nc@example.org "
    client.post(url("add"), {**DATA, "notify_at": "3000", "notify_addresses": addresses})
    score = Score.objects.get()
    assert score.notify_at == 3000
    assert score.notify_addresses == "a@example.org\nb@example.org\nc@example.org"
    page = client.get(url("inspect", score.pk)).content.decode()
    assert "When a contact reaches 3,000 points, an e-mail goes to a@example.org" in page


def test_neither_is_needed(client):
    client.post(url("add"), DATA)
    assert Score.objects.get().notify_at is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"notify_at": "3000"}, "notify_addresses"),
        ({"notify_addresses": "a@example.org"}, "notify_at"),
        ({"notify_at": "0", "notify_addresses": "a@example.org"}, "notify_at"),
        ({"notify_at": "-5", "notify_addresses": "a@example.org"}, "notify_at"),
        ({"notify_at": "2000000001", "notify_addresses": "a@example.org"}, "notify_at"),
        ({"notify_at": "many", "notify_addresses": "a@example.org"}, "notify_at"),
        ({"notify_at": "5", "notify_addresses": "a@example.org\nsales"}, "notify_addresses"),
    ],
)
def test_both_or_neither_and_each_must_be_right(client, changes, field):
    found = errors(client, **changes)
    assert list(found) == [field]
    assert not Score.objects.exists()


def test_an_error_names_the_address(client):
    found = errors(client, notify_at="5", notify_addresses="a@example.org\nsales, b@")
    assert "sales, b@" in found["notify_addresses"][0]


@pytest.mark.django_db(transaction=True)
def test_whoever_is_named_gets_the_e_mail(client):
    data = {**DATA, "notify_at": "10", "notify_addresses": "sales@example.org"}
    client.post(url("add"), data)
    score = Score.objects.get()
    Rule.objects.create(
        score=score, name="R", kind="activity", activity_type="purchase", per="value", points=1
    )
    Score.objects.update(status="ready")
    capture(email="ada@engines.example", activity="purchase", value=12)
    send_waiting()
    assert [message.to for message in mail.outbox] == [["sales@example.org"]]
