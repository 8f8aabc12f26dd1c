"""A contact reaches a score's limit: people are told, once, and not in the visitor's request."""

from __future__ import annotations

import pytest
from django.core import mail
from django_q.models import OrmQ

from wagtail_salesforce.contacts.capture import capture
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.scoring.models import Rule, Score
from wagtail_salesforce.scoring.notify import addresses, bad_addresses
from wagtail_salesforce.scoring.recalculate import recalculate


pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def score():
    score = Score.objects.create(
        name="Ready", notify_at=10, notify_addresses="sales@example.org, boss@example.org"
    )
    Rule.objects.create(
        score=score, name="Any", kind="activity", activity_type="form_submission", points=5
    )
    return score


def work_off():
    for queued in OrmQ.objects.order_by("pk"):
        task = queued.task
        queued.delete()
        task["func"](*task["args"])


def test_people_are_told_once_when_the_limit_is_reached(score):
    capture(email="ada@example.org", last_name="Lovelace")
    work_off()
    assert mail.outbox == []
    capture(email="ada@example.org")
    assert mail.outbox == []
    work_off()
    [message] = mail.outbox
    assert message.to == ["sales@example.org", "boss@example.org"]
    assert "10" in message.subject
    assert "Ready" in message.subject
    assert f"Contact {Contact.objects.get().pk}" in message.body
    assert "ada@" not in message.body
    assert "Lovelace" not in message.body
    capture(email="ada@example.org")
    work_off()
    assert len(mail.outbox) == 1


def test_a_recalculation_that_carries_many_over_the_limit_sends_one_mail(score):
    for number in range(25):
        capture(email=f"{number}@example.org")
    score.rules.get().delete()
    Rule.objects.create(
        score=score, name="More", kind="activity", activity_type="form_submission", points=10
    )
    recalculate(score)
    work_off()
    [message] = mail.outbox
    assert message.subject == "25 contacts have reached 10 points in “Ready”"
    assert message.body.count("Contact ") == 20
    assert message.body.endswith("and 5 more")


def test_without_addresses_nobody_is_told(score):
    Score.objects.update(notify_addresses="")
    capture(email="ada@example.org")
    capture(email="ada@example.org")
    assert not OrmQ.objects.exists()


def test_addresses_stand_on_lines_or_between_commas():
    assert addresses(" a@example.org,b@example.org\n\nc@example.org ") == [
        "a@example.org",
        "b@example.org",
        "c@example.org",
    ]
    assert bad_addresses("a@example.org, nobody") == ["nobody"]
