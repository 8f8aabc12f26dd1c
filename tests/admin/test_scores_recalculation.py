"""Recalculating: now, at a time, called off, cancelled; and what the page says meanwhile."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
import time_machine
from django.urls import reverse

from tests.admin.people import client_of, messages_of
from tests.admin.rule_form import activity_rule, make_score, url
from wagtail_salesforce.contacts.capture import capture
from wagtail_salesforce.jobs.models import Job
from wagtail_salesforce.jobs.run import run_job
from wagtail_salesforce.scoring.models import Score, ScorePoints
from wagtail_salesforce.scoring.recalculate import recalculate, request_recalculation


pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=timezone.utc)


@pytest.fixture
def client():
    return client_of("view_score", "change_score", "view_contact")


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def score():
    score = make_score()
    activity_rule(score, per="value")
    recalculate(score)
    return score


def page_of(client, score):
    return client.get(url("inspect", score.pk)).content.decode()


def plan(client, score, at):
    return client.post(url("recalculate_at", score.pk), {"at": at}, follow=True)


class TestNow:
    def test_is_queued_and_works(self, client, score):
        ada = capture(email="ada@engines.example", activity="purchase", value=3)
        ScorePoints.objects.update(points=99)
        response = client.post(url("recalculate", score.pk), follow=True)
        assert "The old points serve." in messages_of(response)[0]
        page = response.content.decode()
        assert "The old points count until the new ones of all contacts are complete." in page
        job = Job.objects.get()
        assert reverse("wagtail_salesforce:job_cancel", args=[job.pk]) in page
        assert job.started_by is not None
        run_job(job.pk)
        assert ScorePoints.objects.in_force(score).get(contact=ada).points == 3
        assert "The points are up to date. All were last recalculated on" in page_of(client, score)

    def test_can_be_cancelled(self, client, score):
        client.post(url("recalculate", score.pk))
        job = Job.objects.get()
        client.post(reverse("wagtail_salesforce:job_cancel", args=[job.pk]))
        job.refresh_from_db()
        assert job.state == "cancelled"
        assert "are being recalculated" not in page_of(client, score)

    def test_of_a_score_that_is_off_is_refused(self, client, score):
        Score.objects.update(enabled=False)
        response = client.post(url("recalculate", score.pk), follow=True)
        assert "Switch it on" in messages_of(response)[0]
        assert not Job.objects.exists()

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_at_a_time_of_a_score_that_is_off_is_refused(self, client, score, method):
        Score.objects.update(enabled=False)
        address, data = url("recalculate_at", score.pk), {"at": "2040-01-01 22:00"}
        response = getattr(client, method)(address, data, follow=True)
        assert "Switch it on" in messages_of(response)[0]
        assert not Job.objects.exists()

    def test_that_failed_says_why_and_what_to_do(self, client, score):
        request_recalculation(score)
        Job.objects.update(state="failed", reason="OperationalError")
        Score.objects.update(status="failed")
        page = page_of(client, score)
        assert "The last recalculation failed. The old points still count." in page
        assert "OperationalError" in page
        assert reverse("wagtail_salesforce:job_retry", args=[Job.objects.get().pk]) in page
        Score.objects.update(status="ready")
        assert "OperationalError" not in page_of(client, score)

    def test_is_shown_without_buttons_to_those_who_may_only_look(self, client, score):
        client.post(url("recalculate", score.pk))
        page = page_of(client_of("view_score"), score)
        assert "are being recalculated" in page
        assert "job_cancel" not in page
        assert url("recalculate", score.pk) not in page


class TestAtATime:
    @pytest.fixture
    def client(self, clock):
        """Logged in on the test's own day."""
        return client_of("view_score", "change_score", "view_contact")

    def test_is_planned_and_shown(self, client, score, clock):
        response = plan(client, score, "2027-03-02 02:30")
        assert "will be recalculated on 2 Mar" in messages_of(response)[0]
        job = Job.objects.get()
        assert job.run_at == datetime(2027, 3, 2, 2, 30, tzinfo=timezone.utc)
        page = response.content.decode()
        assert "A recalculation is planned for 2 Mar" in page
        assert ".." not in page.split("A recalculation is planned for")[1][:60]
        assert url("call_off", score.pk) in page

    def test_can_be_called_off(self, client, score, clock):
        plan(client, score, "2027-03-02 02:30")
        response = client.post(url("call_off", score.pk), follow=True)
        assert "called off" in messages_of(response)[0]
        assert "is planned for" not in response.content.decode()
        assert Job.objects.get().state == "cancelled"
        again = client.post(url("call_off", score.pk), follow=True)
        assert "No recalculation is planned any more." in messages_of(again)

    def test_is_replaced_by_another_time(self, client, score, clock):
        plan(client, score, "2027-03-02 02:30")
        form = client.get(url("recalculate_at", score.pk)).content.decode()
        assert "The time you give here replaces it." in form
        plan(client, score, "2027-03-03 02:30")
        (waiting,) = Job.objects.filter(state="waiting")
        assert waiting.run_at.day == 3

    def test_is_not_called_off_once_it_runs(self, client, score, clock):
        plan(client, score, "2027-03-02 02:30")
        clock.move_to(datetime(2027, 3, 2, 3, 0, tzinfo=timezone.utc))
        assert "are being recalculated" in page_of(client, score)
        response = client.post(url("call_off", score.pk), follow=True)
        assert "No recalculation is planned any more." in messages_of(response)
        assert Job.objects.get().state == "waiting"

    @pytest.mark.parametrize(
        ("at", "message"),
        [
            ("2027-03-01 11:59", "This moment has passed."),
            ("2027-03-01 12:00", "This moment has passed."),
            ("2027-02-30 12:00", "that exist"),
            ("tonight", "that exist"),
            ("", "required"),
        ],
    )
    def test_needs_a_moment_to_come(self, client, score, clock, at, message):
        response = client.post(url("recalculate_at", score.pk), {"at": at})
        assert message in response.context["form"].errors["at"][0]
        assert message in response.content.decode()
        assert not Job.objects.exists()
