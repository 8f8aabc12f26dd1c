"""Several threads on one client, and a token that is refused in the middle."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from wagtail_salesforce.exceptions import NotAuthorized, Transient
from wagtail_salesforce.salesforce.client import Chunk


KEY = "Web_Contact_ID__c"
THREADS = 8


def upserts(start, count):
    return Chunk(
        "upsert",
        "Lead",
        KEY,
        [
            {KEY: f"{n:032x}", "LastName": f"Lead {n}", "Company": "Acme"}
            for n in range(start, start + count)
        ],
    )


@pytest.fixture
def refreshing(org, make_client):
    """A client with an expired token, and the list of the tokens it wanted renewed."""
    asked = []
    first = org.client_credentials_token()["access_token"]

    def refresh(old):
        asked.append(old)
        return org.client_credentials_token()["access_token"]

    return make_client(org.url, first, refresh=refresh), asked, first


def send(client, number):
    return client.send_batch([upserts(number * 10, 10)], headers={"Sforce-Auto-Assign": "FALSE"})


def test_a_burst_of_refused_calls_renews_the_token_once(org, refreshing):
    client, asked, first = refreshing
    org.expire_tokens()
    start = threading.Barrier(THREADS)

    def work(number):
        start.wait()
        return send(client, number)

    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(work, range(THREADS)))
    assert asked == [first]
    assert len(org.leads()) == THREADS * 10
    for number, (rows,) in enumerate(answers):
        names = {lead["Id"]: lead["LastName"] for lead in org.leads()}
        assert [names[row.id] for row in rows] == [
            f"Lead {n}" for n in range(number * 10, number * 10 + 10)
        ]


def test_tokens_that_expire_again_and_again_lose_nothing(org, refreshing):
    client, asked, _first = refreshing
    done = threading.Event()

    def disturb():
        while not done.wait(0.02):
            org.expire_tokens()

    # Once for certain: a quick machine may be done before the disturber strikes.
    org.expire_tokens()
    disturber = threading.Thread(target=disturb)
    disturber.start()
    try:
        with ThreadPoolExecutor(4) as pool:
            answers = [pool.submit(_patient, client, number) for number in range(40)]
            assert all(row.success for answer in answers for row in answer.result()[0])
    finally:
        done.set()
        disturber.join()
    assert len(org.leads()) == 400
    assert asked


def _patient(client, number):
    """A token can be dead before its first use; then the caller begins again."""
    for _attempt in range(20):
        try:
            return send(client, number)
        except NotAuthorized:
            continue
    raise AssertionError("never sent")


def test_a_call_is_repeated_with_its_body_and_headers_after_a_renewal(org, refreshing):
    client, asked, first = refreshing
    org.expire_tokens()
    org.options(assignment_rule={"id": "01QPr0000000001MAA", "owner_id": "005Pr0000000004MAI"})
    (rows,) = send(client, 0)
    assert all(row.success for row in rows)
    assert asked == [first]
    assert {lead["OwnerId"] for lead in org.leads()} != {"005Pr0000000004MAI"}


def test_a_fresh_token_that_is_refused_as_well_ends_it(org, make_client):
    refused = []
    client = make_client(org.url, "old", refresh=lambda old: "new", on_refused=refused.append)
    with pytest.raises(NotAuthorized):
        send(client, 0)
    assert refused == ["new"]
    assert len(org.calls(path="composite")) == 2


@pytest.mark.parametrize("error", [NotAuthorized("gone"), Transient("busy")])
def test_what_the_renewal_raises_comes_out(org, make_client, error):
    def refresh(old):
        raise error

    with pytest.raises(type(error), match=str(error)):
        send(make_client(org.url, "old", refresh=refresh), 0)


def test_the_calls_of_all_threads_are_counted(org, client):
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda number: send(client, number), range(20)))
    assert client.calls == len(org.calls(counted=True)) == 20
    assert client.usage.used <= 20


def test_an_expired_session_in_the_middle_of_a_run(org, refreshing):
    client, asked, _first = refreshing
    org.fault("expire_session", count=1, skip=2, path="composite")
    for number in range(5):
        assert all(row.success for row in send(client, number)[0])
    assert len(asked) == 1
    assert len(org.leads()) == 50
