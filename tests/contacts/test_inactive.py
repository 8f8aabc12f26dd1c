"""The rule that deletes contacts who have not been heard of for long."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils import timezone

from tests.cluster import work
from tests.ready import ready, run
from wagtail_salesforce.contacts.capture import capture
from wagtail_salesforce.contacts.inactive import KIND, inactive_contacts, start_daily
from wagtail_salesforce.contacts.models import Contact, InactiveContactRule
from wagtail_salesforce.jobs.models import Job, latest_job
from wagtail_salesforce.replication import due
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings
from wagtail_salesforce.replication.tasks import reconcile_daily


pytestmark = pytest.mark.django_db(transaction=True)


def rule(**values):
    return InactiveContactRule.objects.update_or_create(
        pk=1, defaults={"enabled": True, "days": 30, **values}
    )[0]


def contact(days=31, **values):
    """A contact made so many days ago."""
    made = Contact.objects.create(created_at=timezone.now() - timedelta(days=days), **values)
    LeadLink.objects.filter(contact=made).update(due_at=None)
    return made


def left():
    """Who is left after the daily work."""
    reconcile_daily()
    work()
    return set(Contact.objects.all())


def test_old_ones_go_and_others_stay():
    rule()
    contact(31)
    young = contact(29)
    visited = contact(90, last_activity_at=timezone.now() - timedelta(days=5))
    contact(90, last_activity_at=timezone.now() - timedelta(days=40))
    assert left() == {young, visited}
    assert latest_job(KIND).counts == {"contacts": 2, "activities": 0}


def test_with_time():
    rule(days=10, only_anonymous=False)
    capture(email="ada@example.org")
    LeadLink.objects.update(due_at=None)
    with time_machine.travel(timezone.now() + timedelta(days=9, hours=23)):
        assert len(left()) == 1
    with time_machine.travel(timezone.now() + timedelta(days=10, hours=1)):
        assert left() == set()


def test_only_anonymous_ones_unless_told_otherwise():
    rule()
    known = contact(email="ada@example.org")
    account = contact(user=get_user_model().objects.create_user("bob"))
    contact()
    assert left() == {known, account}
    rule(only_anonymous=False)
    Job.objects.all().delete()
    assert left() == set()


def test_switched_off_it_deletes_nobody():
    rule(enabled=False)
    old = contact()
    assert left() == {old}
    assert latest_job(KIND) is None
    assert InactiveContactRule.load().days == 30


def test_switched_off_while_it_waits():
    rule()
    old = contact()
    assert start_daily()
    rule(enabled=False)
    work()
    assert set(Contact.objects.all()) == {old}


def test_those_with_a_lead_or_a_decision_are_kept(org):
    ready(org, by_score=False)
    rule(only_anonymous=False)
    sent = contact(email="a@example.org", last_name="A")
    due.require(LeadLink.objects.filter(contact=sent))
    run()
    LeadLink.objects.update(required=False)
    required, excluded, plain = (contact(email=f"{n}@example.org") for n in "bcd")
    LeadLink.objects.filter(contact=required).update(required=True)
    due.exclude(LeadLink.objects.filter(contact=excluded))
    assert left() == {sent, required, excluded}
    assert plain not in Contact.objects.all()
    rule(only_anonymous=False, with_leads=True)
    assert left() == set()
    assert len(org.leads()) == 1


def test_those_who_wait_to_be_sent_are_kept_while_replication_is_on():
    rule()
    old = contact()
    due_now = {"due_at": timezone.now()}
    LeadLink.objects.update_or_create(contact=old, defaults=due_now)
    ReplicationSettings.load()
    ReplicationSettings.objects.update(enabled=True)
    assert left() == {old}
    ReplicationSettings.objects.update(enabled=False)
    assert left() == set()


def test_a_thousand_at_a_time(django_assert_max_num_queries):
    rule()
    Contact.objects.bulk_create(
        Contact(created_at=timezone.now() - timedelta(days=100)) for _ in range(2100)
    )
    assert start_daily()
    with django_assert_max_num_queries(150):
        work()
    job = latest_job(KIND)
    assert (job.state, job.counts["contacts"], job.done) == ("finished", 2100, 2100)
    assert not Contact.objects.exists()


def test_one_job_at_a_time():
    rule()
    contact()
    assert start_daily()
    assert start_daily() is None


@pytest.mark.parametrize("days", [9, 0, 36_501])
def test_days_out_of_range(days):
    with pytest.raises(ValidationError) as caught:
        InactiveContactRule(pk=1, days=days).full_clean()
    assert set(caught.value.message_dict) == {"days"}


def test_nothing_is_found_by_mistake():
    assert not inactive_contacts(InactiveContactRule()).exists()
    assert not InactiveContactRule.load().enabled
    assert InactiveContactRule.load().only_anonymous
