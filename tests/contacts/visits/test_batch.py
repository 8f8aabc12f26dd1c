"""The batch that makes activities of page visits, and what it costs."""

from __future__ import annotations

from threading import Thread
from unittest import mock

import pytest
from django.db import connection

from tests.contacts.making import submit
from tests.contacts.test_statements import counted
from tests.contacts.visiting import (
    ADA,
    browser,
    known,
    minute,
    visit,
    waiting,
)
from wagtail_salesforce.contacts import visits_batch
from wagtail_salesforce.contacts.models import Activity, Contact, VisitBuffer, Visitor
from wagtail_salesforce.replication.due import mint_missing
from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.scoring.models import Rule, Score, ScorePoints


def test_points_are_computed_by_the_batch(page):
    score = Score.objects.create(name="Interested")
    Rule.objects.create(
        score=score,
        name="Visits",
        kind="activity",
        activity_type="page_visit",
        points=2,
        recurring=True,
    )
    client = browser()
    ada = known(client, page)
    client.get("/")
    client.get(f"/{page.slug}/")
    minute()
    assert ScorePoints.objects.get(contact=ada, score=score).points == 4


def test_a_batch_costs_the_same_for_one_visitor_and_for_many(db):
    def measured(number):
        names = [f"{number}-{each}@example.org" for each in range(number)]
        Contact.objects.bulk_create([Contact(email=name, email_key=name) for name in names])
        contacts = list(Contact.objects.filter(email__in=names))
        Visitor.objects.bulk_create(
            [Visitor(key=f"{number}-{contact.pk}", contact=contact) for contact in contacts]
        )
        VisitBuffer.objects.bulk_create(
            [visit(key=f"{number}-{contact.pk}") for contact in contacts]
        )
        return len(counted(minute))

    # Not more: SQLite takes only so many values in one statement.
    assert measured(2) == measured(30)


def test_anonymous_visitors_are_not_due_before_they_have_a_name(page):
    client = browser()
    client.get("/")
    client.get(f"/{page.slug}/")
    minute()
    nobody = Contact.objects.get()
    assert mint_missing() == 0
    assert not LeadLink.objects.exists()

    submit(page, client, your_e_mail=ADA)
    assert LeadLink.objects.get().contact == nobody


def test_a_batch_that_fails_loses_and_doubles_nothing(db):
    VisitBuffer.objects.bulk_create([visit(key=f"{number}") for number in range(3)])
    with (
        mock.patch.object(visits_batch, "_save", side_effect=ZeroDivisionError),
        pytest.raises(ZeroDivisionError),
    ):
        minute()
    assert (waiting(), Activity.objects.count(), Contact.objects.count()) == (3, 0, 0)
    assert minute() == 3
    assert (waiting(), Activity.objects.count()) == (0, 3)


def test_long_queues_move_chunk_by_chunk(db, monkeypatch):
    monkeypatch.setattr(visits_batch, "CHUNK", 4)
    VisitBuffer.objects.bulk_create([visit(key=f"{number}") for number in range(10)])
    assert visits_batch.move_visits(0)["visits"] == 4
    assert minute() == 6
    assert Contact.objects.count() == 10


@pytest.mark.parametrize("user_pk", ["999", "x", "-1", ""])
def test_rows_of_users_who_are_gone_go_by_the_browser(db, user_pk):
    VisitBuffer.objects.bulk_create([visit(user_pk=user_pk)])
    minute()
    assert Activity.objects.get().contact.user is None


def test_visits_of_a_page_that_is_gone_have_no_title(db):
    VisitBuffer.objects.bulk_create([visit(page_id=2**62)])
    minute()
    assert Activity.objects.get().title == ""


def test_the_schedule_exists(db):
    from django_q.models import Schedule

    from wagtail_salesforce.replication.models import ReplicationSettings
    from wagtail_salesforce.replication.schedule import BROWSERS, VISITS, keep_schedule

    keep_schedule(ReplicationSettings.load())
    assert Schedule.objects.get(name=VISITS).minutes == 1
    assert Schedule.objects.filter(name=BROWSERS).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite writes one at a time.")
def test_several_workers_double_nothing(monkeypatch):
    monkeypatch.setattr(visits_batch, "CHUNK", 10)
    rows = [visit(key=f"{number % 7}", page_id=number + 1) for number in range(100)]
    VisitBuffer.objects.bulk_create(rows)

    def worker():
        try:
            for _each in range(5):
                minute()
        finally:
            connection.close()

    threads = [Thread(target=worker) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    minute()
    assert (waiting(), Activity.objects.count()) == (0, 100)
    assert (Contact.objects.count(), Visitor.objects.count()) == (7, 7)
