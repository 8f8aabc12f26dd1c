"""What more calls in flight, and more workers, bring while each answer takes 250 ms. PostgreSQL.

    python -m tests.benchmarks.bench_parallel [--contacts 10000]

Prints one JSON document. 200 leads a call, so that the waiting counts and not the work.
"""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from typing import Any

from tests.benchmarks.engine_site import due_contacts, ready_site
from tests.benchmarks.harness import report
from tests.benchmarks.worker import worker


LATENCY = 0.25
BATCH_SIZE = 200


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--contacts", type=int, default=10_000)
    given = options.parse_args()
    with ready_site(LATENCY):
        report(bench(given.contacts))


def bench(contacts: int) -> dict[str, Any]:
    from django.db import connection

    one = seconds(contacts, workers=1, in_flight=1)
    four = seconds(contacts, workers=1, in_flight=4)
    two_workers = seconds(contacts, workers=2, in_flight=1)
    return {
        "database": connection.vendor,
        "contacts": contacts,
        "latency_seconds": LATENCY,
        "seconds": {"one": one, "four_in_flight": four, "two_workers": two_workers},
        "four_calls_in_flight_over_one": round(one / four, 2),
        "two_workers_over_one": round(one / two_workers, 2),
    }


def seconds(contacts: int, *, workers: int, in_flight: int) -> float:
    """From the word to the last worker's end."""
    from wagtail_salesforce.replication.models import ReplicationSettings

    due_contacts(contacts)
    ReplicationSettings.objects.update(batch_size=BATCH_SIZE)
    chosen = {"PARALLEL_WORKERS": workers, "CALLS_IN_FLIGHT": in_flight, "BULK_THRESHOLD": 0}
    with ExitStack() as stack:
        team = [stack.enter_context(worker(**chosen)) for _ in range(workers)]
        for each in team:
            each.go()
        told = [each.told() for each in team]
    assert sum(each.created for each in told) == contacts, told
    return round(max(each.ended for each in told) - min(each.began for each in told), 2)


if __name__ == "__main__":
    main()
