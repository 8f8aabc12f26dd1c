"""A contact reaches a score's limit: people are told, once, and not in the visitor's request."""

from __future__ import annotations

from ast import literal_eval
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django_q.models import Schedule

from wagtail_salesforce import background
from wagtail_salesforce.contacts.capture import capture
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.replication.schedule import NOTIFICATIONS
from wagtail_salesforce.scoring.models import Crossing, Rule, Score
from wagtail_salesforce.scoring.notify import addresses, bad_addresses, send_waiting
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


def test_people_are_told_once_when_the_limit_is_reached(score):
    capture(email="ada@example.org", last_name="Lovelace")
    send_waiting()
    assert mail.outbox == []
    capture(email="ada@example.org")
    assert mail.outbox == []
    send_waiting()
    [message] = mail.outbox
    assert message.to == ["sales@example.org", "boss@example.org"]
    assert "10" in message.subject
    assert "Ready" in message.subject
    assert f"Contact {Contact.objects.get().pk}" in message.body
    assert "ada@" not in message.body
    assert "Lovelace" not in message.body
    capture(email="ada@example.org")
    send_waiting()
    assert len(mail.outbox) == 1


def test_a_recalculation_that_carries_many_over_the_limit_sends_one_mail(score):
    for number in range(25):
        capture(email=f"{number}@example.org")
    score.rules.get().delete()
    Rule.objects.create(
        score=score, name="More", kind="activity", activity_type="form_submission", points=10
    )
    recalculate(score, chunk=5)
    send_waiting()
    [message] = mail.outbox
    assert message.subject == "25 contacts have reached 10 points in “Ready”"
    assert message.body.count("Contact ") == 20
    assert message.body.endswith("and 5 more")


def test_without_addresses_nobody_is_told(score):
    Score.objects.update(notify_addresses="")
    capture(email="ada@example.org")
    capture(email="ada@example.org")
    assert not Crossing.objects.exists()


@pytest.mark.parametrize("gone", ["score", "limit"])
def test_what_is_gone_before_the_mail_goes_out_is_told_nobody(score, gone):
    capture(email="ada@example.org")
    capture(email="ada@example.org")
    assert Crossing.objects.count() == 1
    if gone == "score":
        score.delete()
    else:
        Score.objects.update(notify_at=None, notify_addresses="")
    assert send_waiting() == {"state": "finished", "sent": 0}
    assert (mail.outbox, Crossing.objects.count()) == ([], 0)


def test_a_mail_server_that_fails_is_asked_again(score, monkeypatch, caplog):
    def refuse(*args):
        raise SMTPServerDisconnected("ada@example.org")

    capture(email="ada@example.org")
    capture(email="ada@example.org")
    with monkeypatch.context() as patched:
        patched.setattr("wagtail_salesforce.scoring.notify.send_mail", refuse)
        assert send_waiting()["sent"] == 0
    assert "SMTPServerDisconnected" in caplog.text
    assert "ada@" not in caplog.text
    capture(email="bob@example.org")
    capture(email="bob@example.org")
    assert send_waiting()["sent"] == 1
    [message] = mail.outbox
    assert message.subject.startswith("2 contacts")
    assert send_waiting()["sent"] == 0


def test_every_minute(score):
    schedule = Schedule.objects.get(name=NOTIFICATIONS)
    capture(email="ada@example.org")
    capture(email="ada@example.org")
    background.perform(*literal_eval(schedule.args))
    assert len(mail.outbox) == 1


def test_addresses_stand_on_lines_or_between_commas():
    assert addresses(" a@example.org,b@example.org\n\nc@example.org ") == [
        "a@example.org",
        "b@example.org",
        "c@example.org",
    ]
    assert bad_addresses("a@example.org, nobody") == ["nobody"]
