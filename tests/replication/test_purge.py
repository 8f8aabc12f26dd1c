"""Old runs go by themselves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.replication.models import LeadLink, Run
from wagtail_salesforce.replication.runs import purge_runs
from wagtail_salesforce.replication.tasks import reconcile_daily


pytestmark = pytest.mark.django_db


def past_run(days, **columns):
    moment = timezone.now() - timedelta(days=days)
    given = {"state": Run.State.FINISHED, "started_at": moment, "finished_at": moment}
    return Run.objects.create(**{**given, **columns})


def test_old_runs_go_and_idle_ones_sooner():
    kept = [
        past_run(1),
        past_run(89, created=1, api_calls=1),
        past_run(3, state=Run.State.STOPPED, reason="api_reserve"),
        past_run(100, state=Run.State.RUNNING, finished_at=None),
    ]
    gone = [past_run(3), past_run(91, created=1, api_calls=1), past_run(91, suspended=2)]
    contact = Contact.objects.create(email="a@example.org")
    LeadLink.objects.filter(contact=contact).update(run=gone[1])
    assert purge_runs() == 3
    assert set(Run.objects.all()) == set(kept)
    assert LeadLink.objects.get().run is None


def test_the_newest_run_stays():
    past_run(400)
    newest = past_run(300)
    assert purge_runs() == 1
    assert Run.objects.get() == newest


def test_every_day():
    past_run(91)
    past_run(1)
    reconcile_daily()
    assert Run.objects.count() == 1
