"""One record that makes Salesforce fail holds up nobody else; an outage stops the run at once."""

from __future__ import annotations

import json

import pytest
import requests
from django.utils import timezone

from tests.ready import make_contacts, ready, run
from tests.replication.workers import team
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.exceptions import Transient
from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.replication.trouble import LONGEST, MOST_FAILURES, Trouble
from wagtail_salesforce.salesforce.transport import GuardedSession


pytestmark = pytest.mark.django_db(transaction=True)

State = LeadLink.State
CRASH = [{"errorCode": "UNKNOWN_EXCEPTION", "message": "An unexpected error occurred."}]


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)


def answer(status: int, body: object) -> requests.Response:
    response = requests.Response()
    response.status_code, response._content = status, json.dumps(body).encode()
    return response


@pytest.fixture
def crash(monkeypatch):
    """The organization's trigger crashes whenever it sees somebody called Poison.

    The practice org has no triggers, so this stands between us and it.
    """
    send = GuardedSession.send
    crashes = []

    def crashing(self, request, **kwargs):
        if "Poison" not in str(request.body):
            return send(self, request, **kwargs)
        crashes.append(request.url)
        return answer(500, CRASH)

    monkeypatch.setattr(GuardedSession, "send", crashing)
    return crashes


@pytest.fixture
def crash_in_part(monkeypatch):
    """The same, but of a Composite only the part that holds the record fails."""
    send = GuardedSession.send

    def crashing(self, request, **kwargs):
        if "Poison" not in str(request.body):
            return send(self, request, **kwargs)
        if not request.url.endswith("/composite"):
            return answer(500, CRASH)
        parts = json.loads(request.body)["compositeRequest"]
        bad = [part for part in parts if "Poison" in json.dumps(part)]
        good = [part for part in parts if part not in bad]
        told = [
            {
                "body": CRASH,
                "httpHeaders": {},
                "httpStatusCode": 500,
                "referenceId": part["referenceId"],
            }
            for part in bad
        ]
        if good:
            body = {**json.loads(request.body), "compositeRequest": good}
            request.prepare_body(json.dumps(body), None)
            told += send(self, request, **kwargs).json()["compositeResponse"]
        return answer(200, {"compositeResponse": told})

    monkeypatch.setattr(GuardedSession, "send", crashing)


def poison(contact: Contact) -> LeadLink:
    Contact.objects.filter(pk=contact.pk).update(last_name="Poison")
    return LeadLink.objects.get(contact=contact)


def assert_only_it_waits(link: LeadLink, others: int) -> None:
    link.refresh_from_db()
    assert (link.state, link.attempts, link.last_error_code) == (State.NEW, 1, "org_unavailable")
    assert "500" in link.last_error_message
    assert link.due_at > timezone.now()
    assert LeadLink.objects.filter(state=State.REPLICATED, attempts=0).count() == others
    assert not LeadLink.objects.exclude(claimed_by="").exists()


@pytest.mark.parametrize(("batch_size", "place"), [(1000, 0), (1000, 444), (200, 137), (1, 0)])
def test_all_but_one_arrive(org, settings, crash, batch_size, place):
    team(settings, 1 if place else 2)
    ready(org, batch_size=batch_size)
    contacts = make_contacts(5 if batch_size == 1 else 450)
    link = poison(contacts[place])
    result = run()
    assert (result.state, result.counts) == (
        "finished",
        {"created": len(contacts) - 1, "postponed": 1},
    )
    assert_only_it_waits(link, len(contacts) - 1)
    assert len(crash) < 20


def test_all_but_a_few_arrive(org, settings, crash):
    team(settings, in_flight=4)
    ready(org)
    contacts = make_contacts(700)
    for place in (3, 250, 251, 698):
        poison(contacts[place])
    result = run()
    assert (result.state, result.counts["created"]) == ("finished", 696)


def test_all_but_one_arrive_when_one_part_of_a_composite_fails(org, crash_in_part):
    ready(org)
    contacts = make_contacts(450)
    link = poison(contacts[211])
    result = run()
    assert (result.state, result.counts) == ("finished", {"created": 449, "postponed": 1})
    assert_only_it_waits(link, 449)


def test_one_that_fails_all_alone_is_told_from_an_outage(org, crash):
    ready(org)
    [contact] = make_contacts(1)
    link = poison(contact)
    result = run()
    assert result.state == "finished"
    assert_only_it_waits(link, 0)
    Contact.objects.filter(pk=contact.pk).update(last_name="Cured")
    LeadLink.objects.update(due_at=timezone.now())
    assert run().counts == {"created": 1}
    link.refresh_from_db()
    assert (link.attempts, link.last_error_code) == (0, "")


@pytest.mark.parametrize("batch_size", [1000, 200, 1])
@pytest.mark.parametrize("fault", ["server_error", "drop_before", "bad_gateway"])
def test_an_outage_stops_the_run_and_counts_against_nobody(org, batch_size, fault):
    ready(org, batch_size=batch_size)
    make_contacts(20 if batch_size == 1 else 900)
    run_describe(org)
    org.fault(fault, path="/")
    result = run()
    assert (result.state, result.reason) == ("stopped", "org_unavailable")
    # Two calls are tried four times each, then a few parts of them once.
    assert result.api_calls <= 2 * 4 + MOST_FAILURES + 2
    links = LeadLink.objects.all()
    assert (
        links.filter(attempts=0, last_error_code="", due_at__lte=timezone.now()).count()
        == links.count()
    )


def test_an_outage_in_the_middle_counts_against_nobody(org):
    ready(org, batch_size=1)
    make_contacts(20)
    org.fault("server_error", path="/composite", skip=7)
    result = run()
    assert result.reason == "org_unavailable"
    assert LeadLink.objects.filter(attempts=0, last_error_code="").count() == 20
    assert LeadLink.objects.filter(state=State.REPLICATED).count() == len(org.leads()) == 7
    org.clear_faults()
    assert run().counts == {"created": 13}


def run_describe(org) -> None:
    """So that the run has read the fields, and meets the outage with its first batch."""
    from wagtail_salesforce.connection.session import lead_describe

    lead_describe()
    org.clear_calls()


class TestTheRule:
    """Times are seconds of a clock that the test keeps."""

    def test_so_many_failures_in_a_row_are_an_outage(self):
        trouble = Trouble()
        told = [trouble.is_outage(Transient(), now, now) for now in range(MOST_FAILURES + 1)]
        assert told == [False] * MOST_FAILURES + [True]

    def test_what_passes_meanwhile_starts_the_count_again(self):
        trouble = Trouble()
        for now in range(0, 100, 2):
            assert not trouble.is_outage(Transient(), now, now)
            trouble.passed(now + 1)

    def test_a_call_beside_which_a_later_one_passed_failed_by_itself(self):
        trouble = Trouble()
        trouble.passed(5)
        for _failure in range(50):
            assert not trouble.is_outage(Transient(), 4, 200)

    def test_calls_that_hang_are_not_looked_into_for_long(self):
        trouble = Trouble()
        assert not trouble.is_outage(Transient(), 0, 120)
        assert trouble.is_outage(Transient(), 121, 121 + LONGEST)

    def test_who_asks_to_be_left_alone_is(self):
        assert Trouble().is_outage(Transient(retry_after=120), 0, 1)

    def test_only_a_call_that_began_after_the_failure_proves_anything(self):
        trouble = Trouble()
        trouble.doubt("a lead", Transient(), 10)
        assert trouble.passed(9) == []
        assert [doubt.lead for doubt in trouble.passed(11)] == ["a lead"]
        assert trouble.doubts == []
