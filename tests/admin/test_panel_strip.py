"""The status strip in words: the last run, the next one, calls, and who is not chosen."""

from __future__ import annotations

import html
import re
from datetime import datetime, timedelta, timezone

import pytest
import time_machine
from django.utils import timezone as now_is
from django_q.models import Schedule

from tests.admin.people import client_of
from tests.cluster import work
from tests.ready import make_contacts, ready, run
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.contacts.models import Attribute, Contact
from wagtail_salesforce.exceptions import REASONS
from wagtail_salesforce.replication.lease import LEASE_TIME
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings, Run
from wagtail_salesforce.replication.schedule import REPLICATION
from wagtail_salesforce.replication.tasks import replicate_on_schedule
from wagtail_salesforce.scoring.models import Score, ScorePoints


pytestmark = pytest.mark.django_db

PANEL = "/admin/salesforce/"


def card(client, name: str) -> str:
    """The words of a card: organization, usage, contacts or runs."""
    page = client.get(PANEL).content.decode()
    part = page[page.index(f'id="ws-card-{name}"') :]
    part = re.split(r'<div class="ws-card"|</section>', part)[0]
    return html.unescape(" ".join(re.sub(r"<[^>]*>", " ", part).split()))


# The last run


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"created": 1200, "updated": 3, "api_calls": 4}, "Finished %s 1,200 created, 3 updated."),
        ({"suspended": 1, "excluded": 2}, "Finished %s 1 suspended, 2 excluded."),
        ({}, "Finished %s Nothing was due."),
        ({"api_calls": 1}, "Finished %s Nothing had to be sent."),
        (
            {"state": "stopped", "reason": "storage_limit", "created": 7},
            "Stopped %s The organization's data storage is full. Before that: 7 created. "
            "Ask the Salesforce administrator to free or buy storage.",
        ),
        ({"state": "running"}, "Under way %s Contacts are being sent."),
        ({"state": "running", "updated": 5}, "Under way %s So far: 5 updated."),
    ],
)
def test_the_last_run_in_a_sentence(admin_client, values, words):
    Run.objects.create(**{"state": "finished", "trigger": "schedule", **values})
    assert words % "Just now" in card(admin_client, "runs")


def test_a_run_without_a_sign_of_life_is_not_called_under_way(admin_client):
    heard = now_is.now() - LEASE_TIME - timedelta(seconds=1)
    Run.objects.create(state="running", trigger="schedule", heartbeat_at=heard)
    text = card(admin_client, "runs")
    assert "Interrupted" in text and "The next run goes on where it stopped." in text


def test_a_run_that_found_nothing_does_not_hide_the_one_before(admin_client, org):
    ready(org)
    make_contacts(2)
    run()
    replicate_on_schedule()
    text = card(admin_client, "runs")
    assert "Nothing was due. The last one that had something to do: 2 created." in text


@pytest.mark.parametrize("newest", [{}, {"unchanged": 17, "api_calls": 1}])
def test_a_run_that_left_all_as_it_was_is_not_said_to_have_had_something_to_do(
    admin_client, newest
):
    made = {"state": "finished", "trigger": "schedule"}
    Run.objects.create(**made, created=4, api_calls=1)
    for values in ({"unchanged": 9, "api_calls": 2}, newest):
        Run.objects.create(**made, **values)
    text = card(admin_client, "runs")
    assert "The last one that had something to do: 4 created." in text
    assert "9 unchanged" not in text


@pytest.mark.parametrize("values", [{"suspended": 1}, {"state": "stopped", "reason": "disabled"}])
def test_a_run_that_failed_is_one_that_had_something_to_do(admin_client, values):
    Run.objects.create(**{"state": "finished", "trigger": "schedule", **values})
    Run.objects.create(state="finished", trigger="schedule")
    words = "1 suspended." if "suspended" in values else "Replication is switched off."
    assert f"had something to do: {words}" in card(admin_client, "runs")


@pytest.mark.parametrize(("minutes", "former"), [(-5, True), (5, False)])
def test_a_run_that_stopped_before_the_site_was_connected_says_so(
    admin_client, org, minutes, former
):
    ready(org)
    ended = Connection.load().authorized_at + timedelta(minutes=minutes)
    Run.objects.create(
        state="stopped", reason="not_authorized", trigger="schedule", finished_at=ended
    )
    text = card(admin_client, "runs")
    cure = html.unescape(str(REASONS["not_authorized"].cure))
    assert ("That was before the present connection was made." in text) is former
    assert (cure in text) is not former
    Connection.objects.update(status="lost")
    assert "before the present connection" not in card(admin_client, "runs")


def test_before_the_first_run(admin_client):
    assert "Never Nothing has been sent to Salesforce yet." in card(admin_client, "runs")


# The next run


@pytest.fixture
def planned(org):
    """A site whose next run is at half past ten, seen at twenty past."""
    ready(org)
    half_past = datetime(2026, 3, 2, 10, 30, tzinfo=timezone.utc)
    with time_machine.travel(half_past - timedelta(minutes=10), tick=False) as clock:
        Schedule.objects.update(next_run=half_past)
        yield clock


def test_the_next_run_is_told_with_how_long_it_takes(admin_client, planned):
    assert "Next run 2 Mar 2026, 10:30 a.m. (in 10" in card(admin_client, "runs")


@pytest.mark.parametrize("after", [{"minutes": 9, "seconds": 30}, {"minutes": 11}])
def test_a_run_that_is_due_just_now(admin_client, planned, after):
    planned.shift(timedelta(**after))
    text = card(admin_client, "runs")
    assert "Next run It starts within a minute." in text
    assert "qcluster" not in text and "0\xa0minutes" not in text


def test_a_run_that_is_overdue_is_told_with_the_command(admin_client, planned):
    planned.shift(timedelta(minutes=25))
    text = card(admin_client, "runs").replace("\xa0", " ")
    assert "It has been overdue since 2 Mar 2026, 10:30 a.m. (15 minutes)." in text
    assert "Q_CLUSTER_NAME=salesforce python manage.py qcluster" in text


def test_a_next_run_that_will_be_stopped_says_so(admin_client, planned):
    ReplicationSettings.objects.update(default_company_name="")
    assert "it sends nothing until the problems above are put right" in card(admin_client, "runs")


@pytest.mark.parametrize(
    ("change", "words", "field"),
    [
        ({"enabled": False}, "None: replication is switched off.", "id_enabled"),
        (
            {"schedule_enabled": False},
            "None by itself: the schedule is switched off.",
            "id_schedule_enabled",
        ),
    ],
)
def test_why_there_is_no_next_run_and_where_to_change_it(org, change, words, field):
    ready(org, **change)
    may = client_of("change_replicationsettings")
    assert f"Next run {words} Go to this setting" in card(may, "runs")
    page = may.get(PANEL).content.decode()
    assert f'href="#{field}"' in page and f'id="{field}"' in page
    assert "Go to this setting" not in card(client_of("view_run"), "runs")


def test_a_schedule_that_is_gone_is_planned_anew_by_saving(admin_client, org):
    ready(org)
    Schedule.objects.filter(name=REPLICATION).delete()
    assert "None is planned, although the schedule is switched on." in card(admin_client, "runs")
    ReplicationSettings.load().save()
    assert "None is planned" not in card(admin_client, "runs")


def test_a_worker_that_is_gone_is_noticed_also_while_replication_is_off(admin_client, org):
    ready(org, schedule_enabled=False)
    Schedule.objects.filter(minutes=1).update(next_run=now_is.now() - timedelta(minutes=5))
    assert 'data-problem="no_cluster"' in admin_client.get(PANEL).content.decode()


# The organization's calls


def used(calls: int, **values) -> None:
    Connection.objects.update(
        api_calls_used=calls, api_calls_max=1000, **{"api_calls_at": now_is.now(), **values}
    )


def test_the_meter_marks_the_reserve(admin_client, org):
    ready(org)
    used(250)
    page = admin_client.get(PANEL).content.decode()
    assert re.search(r'ws-usage__used"[^>]*width="25"', page)
    assert re.search(r'ws-usage__reserve"[^>]*x="80"[^>]*width="20"', page)
    text = card(admin_client, "usage")
    assert "250 of 1,000" in text and "Used Reserve (20 %)" in text
    assert "Replication stops at 800" in text


@pytest.mark.parametrize("calls", [800, 1000, 1200])
def test_a_reserve_that_is_reached_is_said(admin_client, org, calls):
    ready(org)
    used(calls)
    assert "The reserve is reached" in card(admin_client, "usage")
    page = admin_client.get(PANEL).content.decode()
    width = int(re.search(r'ws-usage__used"[^>]*width="(\d+)"', page)[1])
    assert width == min(calls // 10, 100)


def test_an_old_reading_is_called_out_of_date(admin_client, org):
    ready(org)
    used(250, api_calls_at=now_is.now() - timedelta(hours=25))
    assert "out of date" in card(admin_client, "usage")
    used(250)
    assert "out of date" not in card(admin_client, "usage")


# Who is not chosen


def test_how_many_wait_for_points_and_how_many_points_that_takes(admin_client, org):
    score = Score.objects.create(name="Hot")
    ready(org, score=score, by_score=True, minimum_points=1500)
    first, second, _third = make_contacts(3)
    ScorePoints.objects.create(score=score, contact=first, points=1500)
    ScorePoints.objects.create(score=score, contact=second, points=1499)
    run()
    assert org.count_leads() == 1
    text = card(admin_client, "contacts")
    assert (
        "2 contacts are not chosen at present: A contact goes once it has 1,500 points in “Hot”."
        in text
    )


def test_how_many_wait_for_consent(admin_client, org):
    Attribute.objects.create(name="newsletter", label="Newsletter", type="boolean")
    ready(org, consent_attribute="newsletter")
    agrees, *_others = make_contacts(3)
    Contact.objects.filter(pk=agrees.pk).update(attributes={"newsletter": True})
    run()
    assert org.count_leads() == 1
    text = card(admin_client, "contacts")
    assert "2 contacts are not chosen at present:" in text and "“Newsletter” has to be yes" in text


# The counts lead to who is counted


def hrefs(client) -> dict[str, str]:
    page = html.unescape(client.get(PANEL).content.decode())
    found = re.findall(r'<a href="([^"]*)" aria-label="[^"]*" data-count="(\w+)"', page)
    return {name: url for url, name in found}


def test_each_count_leads_to_its_list_for_who_may_see_it(admin_client, org):
    ready(org)
    make_contacts(2)
    run()
    urls = hrefs(admin_client)
    assert set(urls) == {"replicated", "suspended", "excluded"}
    shown = admin_client.get(urls["replicated"]).context["object_list"]
    assert len(shown) == 2
    assert set(hrefs(client_of("view_leadlink", "view_run"))) == {"suspended", "excluded"}
    assert hrefs(client_of("view_run")) == {}


def test_those_not_chosen_are_listed_once_nobody_else_is_without_a_lead(admin_client, org):
    score = Score.objects.create(name="Hot")
    ready(org, score=score, by_score=True, minimum_points=10)
    make_contacts(2)
    run()
    link = 'href="/admin/salesforce/contacts/?lead_state=new"'
    page = admin_client.get(PANEL).content.decode()
    assert link in page and 'data-held-back="2"' in page
    LeadLink.objects.filter(pk=LeadLink.objects.first().pk).update(due_at=now_is.now())
    page = admin_client.get(PANEL).content.decode()
    assert link not in page and 'data-held-back="1"' in page


def test_who_is_replicated_and_due_again_is_not_read_as_two_people(admin_client, org):
    ready(org)
    make_contacts(3)
    run()
    assert "due again" not in card(admin_client, "contacts")
    again, *_rest = LeadLink.objects.all()
    LeadLink.objects.filter(pk=again.pk).update(due_at=now_is.now())
    Contact.objects.create(last_name="New")
    text = card(admin_client, "contacts")
    assert "Due 2 Replicated 3 1 of them is due again Suspended 0" in text


def test_nobody_waits_where_all_contacts_go(admin_client, org):
    ready(org)
    make_contacts(1)
    LeadLink.objects.update(due_at=None)
    assert "not chosen" not in card(admin_client, "contacts")
    assert work() == 0
