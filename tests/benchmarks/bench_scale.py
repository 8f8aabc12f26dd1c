"""What a million contacts cost more than ten thousand: memory, and finding work. PostgreSQL.

    python -m tests.benchmarks.bench_scale [--few 10000] [--many 1000000]

Prints one JSON document. Each replicator is a process of its own; its memory is its peak.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any

from tests.benchmarks.engine_site import due_contacts, ready_site
from tests.benchmarks.harness import report
from tests.benchmarks.plans import indexes, scans
from tests.benchmarks.worker import Told, replicate_alone


DUE = 1000
TRIES = 50


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--few", type=int, default=10_000)
    options.add_argument("--many", type=int, default=1_000_000)
    given = options.parse_args()
    with ready_site():
        report(bench(given.few, given.many))


def bench(few: int, many: int) -> dict[str, Any]:
    small = {"found": finding(few), "composite": composite(few), "bulk": bulk(few)}
    large = {"found": finding(many)}
    found = plans()
    large |= {"composite": composite(many), "bulk": bulk(many)}
    ways = ("composite", "bulk")
    return {
        "few": few,
        "many": many,
        "finding_1000_due_milliseconds": [small["found"], large["found"]],
        "finding_many_over_few": round(large["found"] / small["found"], 2),
        "finding": found,
        "peak_memory_mb": {way: [small[way].memory, large[way].memory] for way in ways},
        "memory_more_mb": {way: round(large[way].memory - small[way].memory, 1) for way in ways},
        "cpu_microseconds_per_contact": {
            way: round(large[way].cpu * 1_000_000 / many, 1) for way in ways
        },
        "contacts_per_second": {
            way: round(many / (large[way].ended - large[way].began)) for way in ways
        },
    }


def composite(contacts: int) -> Told:
    return _replicated(contacts, BULK_THRESHOLD=0)


def bulk(contacts: int) -> Told:
    return _replicated(contacts, BULK_THRESHOLD=1000)


def _replicated(contacts: int, **settings: Any) -> Told:
    due_contacts(contacts)
    told = replicate_alone(**settings)
    assert told.created == contacts, told
    return told


def finding(contacts: int) -> float:
    """Milliseconds to read the window of due links when 1,000 among so many are due."""
    from wagtail_salesforce.replication.models import LeadLink

    due_contacts(contacts)
    step = contacts // DUE
    LeadLink.objects.extra(where=[f"contact_id %% {step} <> 0"]).update(due_at=None)
    _vacuum()
    times = []
    for _ in range(TRIES):
        began = time.perf_counter()
        found = sum(len(window) for window in _windows())
        times.append(time.perf_counter() - began)
        assert found == DUE, found
    return round(statistics.median(times) * 1000, 2)


def plans() -> dict[str, list[str]]:
    """How PostgreSQL finds the due links among so many."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        next(iter(_windows()))
    statements = [query["sql"] for query in captured]
    return {"scans": scans(statements), "indexes": indexes(statements)}


def _windows() -> Any:
    from django.utils import timezone

    from wagtail_salesforce.replication.claim import Claimant, Selection, windows

    now = timezone.now()
    for updates in (True, False):
        yield from windows(now, updates=updates, selection=Selection(), claimant=Claimant())


def _vacuum() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM FULL ANALYZE wagtail_salesforce_leadlink")


if __name__ == "__main__":
    main()
