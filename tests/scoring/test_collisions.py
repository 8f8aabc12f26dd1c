"""A deadlock with somebody else costs nobody points: what the database has undone is done again."""

from __future__ import annotations

import pytest
from django.db import OperationalError, transaction

from tests.colliding import deadlock, needs_two_connections, repeated
from tests.scoring.builders import act, change_points, held, make_contact, make_score, moment
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.jobs.models import Job
from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.scoring.models import Score, ScorePoints
from wagtail_salesforce.scoring.recalculate import recalculate, request_recalculation
from wagtail_salesforce.scoring.update import refresh_expired


pytestmark = [pytest.mark.django_db(transaction=True), needs_two_connections]

BUY = {"activity_type": "purchase", "points": 1, "per": "value"}


@pytest.fixture
def contact():
    return make_contact()


def in_the_way(contact, work):
    """Do `work`, which holds the contact when it comes to the points or the link."""

    def hold():
        ScorePoints.objects.filter(contact=contact).update(points=1)
        LeadLink.objects.filter(contact=contact).update(required=True)

    with repeated() as repeats:
        result = deadlock(hold, lambda: list(Contact.objects.select_for_update()), work)
    assert repeats.called
    return result


def test_an_activity_saved_by_itself_is_counted(contact):
    score = make_score(BUY)
    in_the_way(contact, lambda: act(contact, value=10))
    assert held(contact, score) == 10
    assert LeadLink.objects.get().version > 1


def test_a_contact_saved_by_itself_is_scored(contact):
    score = make_score({"field": "company_name", "test": "is_not_empty", "points": 7})
    contact.company_name = "Analytical Engines"
    in_the_way(contact, contact.save)
    assert held(contact, score) == 7


def test_a_recalculation_goes_on(contact):
    score = make_score({**BUY, "activity_type": "form_submission", "per": "activity"})
    act(contact, "form_submission")
    change_points(score, 5)
    assert in_the_way(contact, lambda: recalculate(score)) == 1
    assert held(contact, score) == 5
    assert score.status == score.Status.READY


def test_points_that_expire_do_not_stop_a_run(contact, time_machine):
    time_machine.move_to(moment("2026-01-01"))
    score = make_score({**BUY, "validity_amount": 1, "validity_unit": "days"})
    act(contact, value=10)
    time_machine.move_to(moment("2026-01-03"))
    assert in_the_way(contact, refresh_expired) == 1
    assert held(contact, score) == 0


def test_whoever_began_the_transaction_hears_of_it(contact):
    """Only they know what else was undone with it."""
    score = make_score(BUY)

    def order():
        with transaction.atomic():
            act(contact, value=10)

    with pytest.raises(OperationalError):
        in_the_way(contact, order)
    assert held(contact, score) is None
    assert not contact.activities.exists()


def test_a_step_of_a_recalculation_and_somebody_who_asks_for_another(contact):
    """A step holds the score, then its job: whoever waits for the score holds no job meanwhile."""
    score = make_score(BUY)
    job = request_recalculation(score)
    Job.objects.update(state=Job.State.RUNNING)
    with repeated() as repeats:
        again = deadlock(
            lambda: Score.objects.filter(pk=score.pk).update(status=score.Status.RECALCULATING),
            lambda: Job.objects.filter(pk=job.pk).update(done=7),
            lambda: request_recalculation(score),
        )
    assert not repeats.called
    assert (again.pk, again.done) == (job.pk, 7)
