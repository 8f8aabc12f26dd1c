"""While the outcome of a run is awaited, the panel asks for its top again, and then no more."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from tests.admin.people import client_of, messages_of
from tests.cluster import work
from tests.ready import make_contacts, ready, run
from wagtail_salesforce.replication.lease import LEASE_TIME
from wagtail_salesforce.replication.models import Run


#: With real commits, so that what is queued on commit is queued.
AS_DEPLOYED = pytest.mark.django_db(transaction=True)

PANEL = "/admin/salesforce/"
TOP = f"{PANEL}top/"
PRESS = f"{PANEL}replicate/"
ALL = [
    "authorize_connection",
    "change_replicationsettings",
    "change_mapping",
    "run_replication",
    "view_run",
    "view_leadlink",
]


def awaited(client, url: str = TOP) -> bool:
    page = client.get(url).content.decode()
    assert page.count("data-ws-top-active-value=") == 1
    return 'data-ws-top-active-value="true"' in page


@AS_DEPLOYED
def test_after_replicate_now_the_page_waits_until_the_run_is_over(org):
    ready(org)
    make_contacts(2)
    client = client_of("run_replication", "view_run")
    assert not awaited(client, PANEL)
    client.post(PRESS)
    assert awaited(client, PANEL) and awaited(client)
    assert "Replicate now was pressed." in client.get(TOP).content.decode()
    work()
    assert not awaited(client) and not awaited(client, PANEL)
    assert "2 created." in client.get(TOP).content.decode()


@AS_DEPLOYED
def test_others_do_not_wait_for_what_somebody_else_has_asked(org):
    ready(org)
    client_of("run_replication").post(PRESS)
    assert not awaited(client_of("view_run"))


@AS_DEPLOYED
def test_nobody_waits_for_ever_for_a_worker_that_does_not_come(org):
    ready(org)
    client = client_of("run_replication")
    client.post(PRESS)
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert not awaited(client)


@pytest.mark.django_db
def test_a_run_that_is_under_way_is_followed_by_everybody(org):
    ready(org)
    Run.objects.create(state="running", trigger="schedule")
    Run.objects.create(state="finished", trigger="schedule")
    client = client_of("view_leadlink")
    assert awaited(client, PANEL) and awaited(client)
    assert "Under way" in client.get(TOP).content.decode()
    Run.objects.update(heartbeat_at=timezone.now() - LEASE_TIME - timedelta(seconds=1))
    assert not awaited(client)


@AS_DEPLOYED
def test_replicate_now_during_a_run_says_so_and_lets_another_one_follow(org):
    ready(org)
    Run.objects.create(state="running", trigger="schedule")
    client = client_of("run_replication")
    response = client.post(PRESS, follow=True)
    assert messages_of(response) == [
        "A run is under way already. What it leaves is sent by another one after it."
    ]
    assert OrmQ.objects.count() == 1
    Run.objects.update(state="finished")
    assert not awaited(client), "the run that was under way is the one that was followed"


@pytest.mark.django_db
def test_a_run_that_stops_brings_its_reason_to_the_top(org):
    ready(org)
    make_contacts(1)
    org.fault("storage_limit")
    run()
    page = client_of("view_run").get(TOP).content.decode()
    assert 'data-problem="storage_limit"' in page and "Stopped" in page


@pytest.mark.django_db
@pytest.mark.parametrize("permission", ALL)
def test_who_may_open_the_panel_may_follow_it(permission):
    response = client_of(permission).get(TOP)
    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
def test_nobody_else_may():
    assert client_of("add_mapping", "view_contact").get(TOP).url == "/admin/"
    assert "/admin/login/" in Client().get(TOP).url
    assert client_of("run_replication").post(TOP).status_code == 405


@pytest.mark.django_db
def test_the_fragment_shows_no_more_than_the_panel_does(org):
    ready(org)
    page = client_of("view_run").get(TOP).content.decode()
    assert "<html" not in page and "<form" not in page
    assert "salesforce/replicate/" not in page and "Suspended</a>" not in page


@pytest.mark.django_db
def test_the_fragment_makes_no_api_call(org):
    ready(org)
    client_of("view_run").get(TOP)
    assert org.calls() == []
