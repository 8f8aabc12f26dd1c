"""Reports → Salesforce replication → Runs."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timezone

import pytest

from wagtail_salesforce.replication.models import Run


pytestmark = pytest.mark.django_db

RUNS = "/admin/salesforce/reports/runs/"


def page_of(client, url):
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_runs_with_outcome_and_reason(admin_client):
    Run.objects.create(state="finished", trigger="panel", created=12, api_calls=3)
    Run.objects.create(state="stopped", trigger="schedule", reason="request_limit")
    Run.objects.create(state="stopped", trigger="command", reason="no_such_code")
    response = admin_client.get(RUNS)
    page = " ".join(response.content.decode().split())
    assert "used up its daily API calls" in page and "no_such_code" in page
    assert "<td > 12 </td>" in page and "<td > 3 </td>" in page
    triggers = [each.trigger for each in response.context["object_list"]]
    assert triggers == ["command", "schedule", "panel"], "newest first"


def test_a_stopped_run_stands_out(admin_client):
    Run.objects.create(state="finished", trigger="panel", created=1)
    assert "ws-status--critical" not in page_of(admin_client, RUNS)
    Run.objects.create(state="stopped", trigger="schedule", reason="request_limit")
    assert page_of(admin_client, RUNS).count("ws-status--critical") == 1


def test_runs_can_be_filtered(admin_client):
    moments = {"finished": 1, "stopped": 2}
    for state, day in moments.items():
        moment = datetime(2026, 3, day, 12, tzinfo=timezone.utc)
        Run.objects.create(
            state=state, trigger="panel", started_at=moment, reason="busy" if day == 2 else ""
        )
    only = admin_client.get(RUNS, {"state": "stopped"})
    assert [each.state for each in only.context["object_list"]] == ["stopped"]
    dated = admin_client.get(RUNS, {"started_at_from": "2026-03-01", "started_at_to": "2026-03-01"})
    assert [each.state for each in dated.context["object_list"]] == ["finished"]
    assert admin_client.get(f"{RUNS}results/", {"state": "stopped"}).status_code == 200


def idle(**values):
    return Run.objects.create(**{"state": "finished", "trigger": "schedule", **values})


def test_runs_of_the_schedule_that_found_nothing_are_shown_on_request(admin_client):
    idle()
    kept = [idle(trigger="panel"), idle(created=1, api_calls=1), idle(api_calls=1)]
    kept += [idle(state="stopped", reason="busy"), idle(state="running")]
    found = admin_client.get(RUNS).context["object_list"]
    assert {each.pk for each in found} == {each.pk for each in kept}
    assert len(admin_client.get(RUNS, {"idle": "on"}).context["object_list"]) == 6
    response = admin_client.get(RUNS, {"export": "csv"})
    assert b"".join(response.streaming_content).count(b"\n") == 1 + len(kept)


def test_a_run_that_found_nothing_says_so(admin_client):
    idle(trigger="panel")
    page = " ".join(page_of(admin_client, RUNS).split())
    assert "Nothing was due." in page


def test_where_nothing_was_ever_due_the_page_offers_these_runs(admin_client):
    idle()
    page = page_of(admin_client, RUNS)
    assert "Nothing was due in any run" in page and f"{RUNS}?idle=on" in page
    assert "Nothing has been replicated yet." not in page
    assert len(admin_client.get(f"{RUNS}?idle=on").context["object_list"]) == 1


def test_before_the_first_run_the_page_says_when_one_comes(admin_client):
    assert "Nothing has been replicated yet." in page_of(admin_client, RUNS)


def test_runs_as_spreadsheets(admin_client):
    Run.objects.create(state="stopped", trigger="panel", reason="busy", created=5)
    response = admin_client.get(RUNS, {"export": "csv"})
    (row,) = csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode()))
    assert row["Reason"] == "busy" and row["Created"] == "5"
    assert admin_client.get(RUNS, {"export": "xlsx"}).status_code == 200
