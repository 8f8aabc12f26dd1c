"""Every batch is told of when it leaves, and then as a success or as a failure."""

from __future__ import annotations

import pytest

from tests.ready import make_contacts, ready, run
from tests.testapp.extensions import as_it_was, fails
from wagtail_salesforce.connection.session import lead_describe
from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.signals import after_batch, batch_failed, before_batch


pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def heard():
    """What the signals say: (name, how many leads or outcomes, code of the error)."""
    words = []

    def before(run, leads, **kwargs):
        words.append(("before", len(leads), ""))

    def after(run, outcomes, **kwargs):
        words.append(("after", len(outcomes), ""))

    def failed(run, leads, error, **kwargs):
        words.append(("failed", len(leads), error.code))

    with as_it_was():
        before_batch.connect(before, weak=False)
        after_batch.connect(after, weak=False)
        batch_failed.connect(failed, weak=False)
        yield words


def test_before_and_after_each_batch(org, heard):
    ready(org, batch_size=200)
    make_contacts(250)
    run()
    assert sorted(heard) == [
        ("after", 50, ""),
        ("after", 200, ""),
        ("before", 50, ""),
        ("before", 200, ""),
    ]


def test_a_refused_row_is_an_outcome_and_no_failure(org, heard):
    ready(org)
    make_contacts(3)
    org.fault("row_error", count=1, code="FIELD_CUSTOM_VALIDATION_EXCEPTION", message="No.")
    run()
    assert heard == [("before", 3, ""), ("after", 3, "")]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("total_limit", "request_limit"),
        ("api_disabled", "api_disabled"),
        ("unavailable_html", "org_unavailable"),
    ],
)
def test_a_call_that_comes_to_nothing(org, heard, fault, code, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    ready(org)
    make_contacts(3)
    lead_describe()
    org.fault(fault, path="/services/data")
    assert run().reason == code
    assert heard[0] == ("before", 3, "")
    left = sorted(count for word, count, _code in heard if word == "before")
    assert sorted(count for word, count, _code in heard if word == "failed") == left
    assert {(word, given) for word, _count, given in heard} == {("before", ""), ("failed", code)}
    assert LeadLink.objects.filter(due_at__isnull=False, attempts=0).count() == 3


def test_each_call_under_way_when_the_run_stops_is_told_of_once(org, heard, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    ready(org, batch_size=200)
    make_contacts(1000)
    org.fault("api_disabled", path="/composite", skip=2)
    assert run().reason == "api_disabled"
    left = [words for words in heard if words[0] == "before"]
    ended = [words for words in heard if words[0] != "before"]
    assert len(left) == len(ended)
    assert ended.count(("after", 200, "")) == 2
    assert set(ended) == {("after", 200, ""), ("failed", 200, "api_disabled")}


def test_a_receiver_that_fails_stops_nothing_and_is_named_in_the_log(org, heard, caplog):
    ready(org)
    make_contacts(3)
    for signal in (before_batch, after_batch):
        signal.connect(fails)
    result = run()
    assert (result.state, result.counts) == ("finished", {"created": 3})
    assert heard == [("before", 3, ""), ("after", 3, "")]
    ours = [r.getMessage() for r in caplog.records if r.name == "wagtail_salesforce"]
    assert sum("tests.testapp.extensions.fails" in words for words in ours) == 2
    assert "ada@example.org" not in caplog.text


def meddle(leads, **kwargs):
    for lead in leads:
        lead.payload |= {"LastName": "Changed", "Title": object()}
        lead.lead_id = lead.external_id = "somebody else's"
    leads.clear()


@pytest.mark.parametrize("carrier", ["composite", "bulk"])
def test_a_receiver_looks_and_changes_nothing_of_what_is_sent(org, carrier, request):
    if carrier == "bulk":
        request.getfixturevalue("naps")
    ready(org)
    contacts = make_contacts(8)
    with as_it_was():
        before_batch.connect(meddle)
        assert run().counts == {"created": 8}
        for contact in contacts:
            contact.job_title = "Head"
            contact.save()
        assert run().counts == {"updated": 8}
    assert {lead["LastName"] for lead in org.leads()} == {each.last_name for each in contacts}
    assert {lead["Title"] for lead in org.leads()} == {"Head"}
    for contact in contacts:
        contact.save()
    assert run().counts == {"unchanged": 8}
