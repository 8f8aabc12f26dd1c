"""The one door to django-q2: what is queued, what is kept, and what never leaves a task."""

from __future__ import annotations

import ast
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from wagtail_salesforce import background
from wagtail_salesforce.exceptions import Stopped
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.replication.schedule import RECONCILIATION, REPLICATION, keep_after_migrate


SECRET = "ada@example.org"


def failing(secret: str) -> None:
    raise ValueError(f"cannot take {secret}")


def stopping() -> None:
    raise Stopped(code="disabled")


def counting(number: int) -> dict[str, int]:
    return {"created": number}


def test_a_task_tells_counts_and_codes_but_never_texts(caplog):
    me = "tests.core.test_background"
    assert background.perform(f"{me}.counting", 3) == {"created": 3}
    assert background.perform(f"{me}.stopping") == {"state": "stopped", "reason": "disabled"}
    summary = background.perform(f"{me}.failing", SECRET)
    assert summary == {"state": "stopped", "reason": "internal_error"}
    assert SECRET not in caplog.text
    assert "ValueError" in caplog.text
    assert "test_background.py" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_work_is_queued_for_our_cluster_when_the_transaction_is_committed():
    with transaction.atomic():
        background.enqueue(counting, 3)
        assert not OrmQ.objects.exists()
    [queued] = OrmQ.objects.all()
    assert queued.key == "salesforce"
    assert queued.task["args"] == ("tests.core.test_background.counting", 3)
    assert queued.task["ack_failure"] is True


@pytest.mark.django_db(transaction=True)
def test_without_a_cluster_of_our_own_the_default_one_gets_the_work(settings):
    settings.Q_CLUSTER = {"name": "site", "orm": "default"}
    background.enqueue(counting, 3)
    assert OrmQ.objects.get().key == "site"


@pytest.mark.django_db
def test_the_schedule_follows_the_settings():
    settings = ReplicationSettings.load()
    settings.enabled, settings.schedule_minutes = True, 7
    settings.save()
    schedule = Schedule.objects.get(name=REPLICATION)
    assert (schedule.minutes, schedule.repeats, schedule.cluster) == (7, -1, "salesforce")
    assert ast.literal_eval(schedule.args)[0].endswith("replicate_on_schedule")
    planned = timezone.now() + timedelta(minutes=5)
    Schedule.objects.filter(name=REPLICATION).update(next_run=planned)
    settings.save()
    assert background.next_run(REPLICATION) == planned
    settings.schedule_enabled = False
    settings.save()
    assert not Schedule.objects.filter(name=REPLICATION).exists()
    assert Schedule.objects.filter(name=RECONCILIATION).exists()


@pytest.mark.django_db
def test_doubled_schedules_are_mended():
    settings = ReplicationSettings.load()
    settings.enabled = True
    settings.save()
    Schedule.objects.create(name=REPLICATION, func="elsewhere.function")
    settings.save()
    assert Schedule.objects.filter(name=REPLICATION).count() == 1


@pytest.mark.django_db
def test_migrating_makes_the_schedules():
    Schedule.objects.all().delete()
    keep_after_migrate(using="default")
    assert Schedule.objects.filter(name=RECONCILIATION).exists()


@pytest.mark.django_db
def test_a_cluster_that_does_not_serve_us_is_noticed():
    with time_machine.travel("2026-03-01T10:00:00+00:00", tick=False) as clock:
        background.keep_schedule("ours", counting, minutes=15)
        assert background.cluster_is_serving("ours")
        clock.shift(timedelta(minutes=4))
        assert not background.cluster_is_serving("ours")
