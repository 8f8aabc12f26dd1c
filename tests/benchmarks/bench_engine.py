"""The engine's price by Composite: calls, statements, and time as multiples of two bare loops.

    python -m tests.benchmarks.bench_engine [--contacts 20000] [--rounds 5]

Prints one JSON document. All three loops send the same seven fields to the same stub org, which
runs in a process of its own, so that this process's CPU is the sender's.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from tests.benchmarks.engine_site import due_contacts, ready_site, send_all
from tests.benchmarks.harness import Cost, measure, median, report
from tests.benchmarks.stub_org import calls


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--contacts", type=int, default=20_000)
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()
    with ready_site() as url:
        without_bulk()
        report(bench(url, given.contacts, given.rounds))


def without_bulk() -> None:
    """What is measured here is Composite, however many are due."""
    from django.conf import settings

    settings.WAGTAIL_SALESFORCE = {**settings.WAGTAIL_SALESFORCE, "BULK_THRESHOLD": 0}


def bench(url: str, contacts: int, rounds: int) -> dict[str, Any]:
    from django.db import connection

    engine, floor, bare = [], [], []
    engine_round(min(contacts, 2000))  # warms caches up; not counted
    for _ in range(rounds):
        engine.append(engine_round(contacts))
        floor.append(floor_round(url, contacts))
        bare.append(bare_round(url, contacts))
    return {
        "database": connection.vendor,
        "contacts": contacts,
        "rounds": rounds,
        "api_calls_per_100000": {str(size): _calls(url, size) for size in (1000, 200)},
        "statements_per_batch": {str(size): statements(size) for size in (1000, 200)},
        **_ratios(median(engine), median(floor), median(bare), contacts),
    }


def _ratios(engine: Cost, floor: Cost, bare: Cost, contacts: int) -> dict[str, Any]:
    costs = {"engine": engine, "floor": floor, "bare_simple_salesforce": bare}
    micro = 1_000_000 / contacts
    return {
        "cpu_microseconds_per_contact": {k: round(v.cpu * micro, 1) for k, v in costs.items()},
        "microseconds_per_contact": {k: round(v.wall * micro, 1) for k, v in costs.items()},
        "time_engine_over_floor": round(engine.wall / floor.wall, 2),
        "cpu_engine_over_floor": round(engine.cpu / floor.cpu, 2),
        "cpu_engine_over_bare_simple_salesforce": round(engine.cpu / bare.cpu, 2),
    }


def engine_round(contacts: int) -> Cost:
    due_contacts(contacts)
    return measure(lambda: send_all(contacts))


def _calls(url: str, batch_size: int) -> int:
    contacts = 20_000
    due_contacts(contacts)
    before = calls(url)
    send_all(contacts, batch_size)
    return (calls(url) - before) * 100_000 // contacts


def statements(batch_size: int) -> float:
    """SQL statements for one more batch, from the difference between four batches and one."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count(contacts: int) -> int:
        due_contacts(contacts)
        with CaptureQueriesContext(connection) as captured:
            send_all(contacts, batch_size)
        return len(captured)

    return round((count(4 * batch_size) - count(batch_size)) / 3, 2)


def floor_round(url: str, contacts: int) -> Cost:
    from tests.benchmarks.floor import staged_loop
    from tests.ready import EXTERNAL_ID

    due_contacts(contacts)
    sent: list[int] = []
    cost = measure(lambda: sent.append(staged_loop(url, "a token", EXTERNAL_ID, "66.0")))
    assert sent == [contacts]
    return cost


def bare_round(url: str, contacts: int) -> Cost:
    """simple-salesforce alone, uploading ready-made records 200 per Collections call."""
    from tests.ready import EXTERNAL_ID

    client = bare_client(url)
    attributes = {"attributes": {"type": "Lead"}}
    records = [{**attributes, **ready_made(number)} for number in range(contacts)]

    def upload() -> None:
        for start in range(0, contacts, 200):
            body = {"allOrNone": False, "records": records[start : start + 200]}
            path = f"composite/sobjects/Lead/{EXTERNAL_ID}"
            client.restful(path, method="PATCH", data=json.dumps(body))

    return measure(upload)


def bare_client(url: str) -> Any:
    """simple-salesforce's own client, led to an org without TLS."""
    import requests
    from simple_salesforce.api import Salesforce

    class Loopback(requests.Session):
        def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> Any:
            return super().request(method, url.replace("https://", "http://"), *args, **kwargs)

    return Salesforce(session_id="a token", instance_url=url, version="66.0", session=Loopback())


def ready_made(number: int) -> dict[str, str]:
    """The values that contact `number` has in Salesforce."""
    from tests.ready import EXTERNAL_ID

    return {
        EXTERNAL_ID: f"{number:032}",
        "LastName": f"Person {number}",
        "FirstName": "Ada",
        "Email": f"person{number}@example.org",
        "Title": "Director",
        "Phone": "+44 20 1234",
        "City": "Leeds",
        "Company": "Example",
    }


if __name__ == "__main__":
    main()
