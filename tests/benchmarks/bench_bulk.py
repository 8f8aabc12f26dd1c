"""The engine by Bulk API 2.0 against simple-salesforce's own client for it. PostgreSQL.

    python -m tests.benchmarks.bench_bulk [--contacts 100000] [--rounds 3] [--interval 5]

Prints one JSON document. The engine reads, maps, sends and records; simple-salesforce uploads
ready-made records and fetches all results. Both look at their job every `--interval` seconds, by
default simple-salesforce's own five, and the org is done with it when they look first. With
`--interval 0` it is done at once and nobody waits: then only the work counts.
"""

from __future__ import annotations

import argparse
from typing import Any

from tests.benchmarks.bench_engine import bare_client, ready_made
from tests.benchmarks.engine_site import due_contacts, ready_site, send_all
from tests.benchmarks.harness import Cost, measure, median, report
from tests.benchmarks.stub_org import calls


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--contacts", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--interval", type=float, default=5.0)
    given = options.parse_args()
    # A little less, so that no look comes a moment too early.
    with ready_site(job_seconds=max(0.0, given.interval - 0.1)) as url:
        from django.conf import settings

        settings.WAGTAIL_SALESFORCE = {**settings.WAGTAIL_SALESFORCE, "BULK_THRESHOLD": 100}
        look_every(given.interval)
        report(bench(url, given.contacts, given.rounds, given.interval))


def look_every(seconds: float) -> None:
    """Let the engine look at its jobs as often as simple-salesforce does."""
    from wagtail_salesforce.replication import bulk_run

    bulk_run.FIRST_WAIT = bulk_run.LONGEST_WAIT = seconds


def bench(url: str, contacts: int, rounds: int, interval: float) -> dict[str, Any]:
    from django.db import connection

    engine_round(url, 2000)
    rounds_of_both = [
        (engine_round(url, contacts), simple_salesforce_round(url, contacts, interval))
        for _ in range(rounds)
    ]
    engine = median([each["cost"] for each, _bare in rounds_of_both])
    bare = median([each for _engine, each in rounds_of_both])
    micro = 1_000_000 / contacts
    return {
        "database": connection.vendor,
        "contacts": contacts,
        "rounds": rounds,
        "seconds_between_looks": interval,
        "api_calls": rounds_of_both[-1][0]["calls"],
        "statements_per_1000": statements(url),
        "microseconds_per_contact": {
            "engine": round(engine.wall * micro, 1),
            "simple_salesforce": round(bare.wall * micro, 1),
        },
        "cpu_microseconds_per_contact": {
            "engine": round(engine.cpu * micro, 1),
            "simple_salesforce": round(bare.cpu * micro, 1),
        },
        "time_engine_over_simple_salesforce": round(engine.wall / bare.wall, 2),
    }


def engine_round(url: str, contacts: int) -> dict[str, Any]:
    due_contacts(contacts)
    before = calls(url)
    cost = measure(lambda: send_all(contacts))
    return {"cost": cost, "calls": calls(url) - before}


def simple_salesforce_round(url: str, contacts: int, interval: float) -> Cost:
    from tests.ready import EXTERNAL_ID

    lead = bare_client(url).bulk2.Lead
    records = [ready_made(number) for number in range(contacts)]

    def upload() -> None:
        jobs = lead.upsert(records=records, external_id_field=EXTERNAL_ID, wait=interval)
        for job in jobs:
            lead.get_all_ingest_records(job["job_id"])

    return measure(upload)


def statements(url: str) -> float:
    """SQL statements for each 1,000 more in a job."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count(contacts: int) -> int:
        due_contacts(contacts)
        with CaptureQueriesContext(connection) as captured:
            send_all(contacts)
        return len(captured)

    return round((count(6000) - count(2000)) / 4, 2)


if __name__ == "__main__":
    main()
