"""The engine's price: API calls, SQL statements, and CPU as multiples of two bare loops.

    python -m tests.benchmarks.bench_engine [--contacts 10000] [--rounds 5]

Prints one JSON document. The org runs in a process of its own, so this process's CPU is ours.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from tests.benchmarks.harness import Cost, measure, median, report, site


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--contacts", type=int, default=10_000)
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()
    with site():
        from wagtail_salesforce.practice_org.control import PracticeOrg

        with PracticeOrg.start() as org:
            report(bench(org, given.contacts, given.rounds))


def bench(org: Any, contacts: int, rounds: int) -> dict[str, Any]:
    from django.db import connection

    from tests.ready import ready

    ready(org)
    org.set_allowance(max=10_000_000, used=0)
    engine, floor, bare = [], [], []
    engine_round(org, min(contacts, 2000))  # warms caches up; not counted
    for _ in range(rounds):
        engine.append(engine_round(org, contacts)["cost"])
        floor.append(floor_round(org, contacts))
        bare.append(bare_round(org, contacts))
    return {
        "database": connection.vendor,
        "contacts": contacts,
        "rounds": rounds,
        "api_calls": {
            str(size): engine_round(org, contacts, size)["calls"] for size in (1000, 200)
        },
        "statements_per_batch": {str(size): statements(org, size) for size in (1000, 200)},
        **_ratios(median(engine), median(floor), median(bare), contacts),
    }


def _ratios(engine: Cost, floor: Cost, bare: Cost, contacts: int) -> dict[str, Any]:
    micro = 1_000_000 / contacts
    return {
        "cpu_microseconds_per_contact": {
            "engine": round(engine.cpu * micro, 1),
            "floor": round(floor.cpu * micro, 1),
            "bare_simple_salesforce": round(bare.cpu * micro, 1),
        },
        "cpu_engine_over_floor": round(engine.cpu / floor.cpu, 2),
        "cpu_engine_over_bare_simple_salesforce": round(engine.cpu / bare.cpu, 2),
        "wall_engine_over_floor": round(engine.wall / floor.wall, 2),
    }


def fresh(org: Any, contacts: int) -> None:
    """So many contacts that are due, and an org without leads."""
    from tests.ready import make_contacts
    from wagtail_salesforce.contacts.models import Contact
    from wagtail_salesforce.replication.models import LeadLink

    LeadLink.objects.all()._raw_delete("default")
    Contact.objects.all()._raw_delete("default")
    make_contacts(contacts, job_title="Director", business_phone="+44 20 1234", city="Leeds")


def engine_round(org: Any, contacts: int, batch_size: int = 1000) -> dict[str, Any]:
    from tests.ready import run
    from wagtail_salesforce.replication.models import ReplicationSettings

    ReplicationSettings.objects.update(batch_size=batch_size)
    fresh(org, contacts)
    org.clear_calls()
    results = []
    cost = measure(lambda: results.append(run()))
    assert results[0].counts["created"] == contacts, results[0]
    calls = org.calls(counted=True)
    described = [call for call in calls if call["path"].endswith("/describe")]
    return {"cost": cost, "calls": len(calls) - len(described)}


def statements(org: Any, batch_size: int) -> float:
    """SQL statements for one more batch, from the difference between four batches and one."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.ready import run
    from wagtail_salesforce.replication.models import ReplicationSettings

    def count(contacts: int) -> int:
        fresh(org, contacts)
        ReplicationSettings.objects.update(batch_size=batch_size)
        with CaptureQueriesContext(connection) as captured:
            run()
        return len(captured)

    return round((count(4 * batch_size) - count(batch_size)) / 3, 2)


def _access(org: Any) -> tuple[str, str]:
    from wagtail_salesforce.connection.models import Connection

    return org.url, Connection.load().access_token


def floor_round(org: Any, contacts: int) -> Cost:
    from tests.benchmarks.floor import staged_loop
    from tests.ready import EXTERNAL_ID

    fresh(org, contacts)
    url, token = _access(org)
    sent: list[int] = []
    cost = measure(lambda: sent.append(staged_loop(url, token, EXTERNAL_ID, "66.0")))
    assert sent == [contacts]
    return cost


def bare_round(org: Any, contacts: int) -> Cost:
    """simple-salesforce alone, uploading ready-made records 200 per Collections call."""
    import requests
    from simple_salesforce.api import Salesforce

    from tests.ready import EXTERNAL_ID

    class Loopback(requests.Session):
        def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> Any:
            return super().request(method, url.replace("https://", "http://"), *args, **kwargs)

    url, token = _access(org)
    client = Salesforce(session_id=token, instance_url=url, version="66.0", session=Loopback())
    records = [_ready_made(number, EXTERNAL_ID) for number in range(contacts)]

    def upload() -> None:
        for start in range(0, contacts, 200):
            body = {"allOrNone": False, "records": records[start : start + 200]}
            path = f"composite/sobjects/Lead/{EXTERNAL_ID}"
            client.restful(path, method="PATCH", data=json.dumps(body))

    return measure(upload)


def _ready_made(number: int, external_id_field: str) -> dict[str, Any]:
    return {
        "attributes": {"type": "Lead"},
        external_id_field: f"{number:032}",
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
