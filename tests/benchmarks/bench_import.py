"""The price of an import: rows per second without and with a score, and peak memory.

    python -m tests.benchmarks.bench_import [--rows 50000 500000] [--scored 50000]

Prints one JSON document. The rows have ten columns and are all new; updates are measured too.
"""

from __future__ import annotations

import argparse
import resource
import sys
from collections.abc import Iterator
from typing import Any

from tests.benchmarks.harness import measure, report, site


HEADER = "E-mail,First name,Last name,Company,Phone,City,Postcode,Country,Birthday,Licences\n"
COLUMNS = [
    "email",
    "first_name",
    "last_name",
    "company_name",
    "business_phone",
    "city",
    "postal_code",
    "country",
    "birthday",
    "licences",
]
AT_ONCE = 1_000


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, nargs="+", default=[50_000, 500_000])
    options.add_argument("--scored", type=int, default=50_000)
    given = options.parse_args()
    with site():
        report(bench(given.rows, given.scored))


def bench(sizes: list[int], scored: int) -> dict[str, Any]:
    from django.db import connection

    from wagtail_salesforce.contacts.models import Attribute

    Attribute.objects.create(name="licences", label="Licences", type="integer")
    run("warm", 4_000)
    result: dict[str, Any] = {"database": connection.vendor, "rows": {}}
    for size in sizes:
        result["rows"][str(size)] = {**run(f"of{size}", size), "peak_megabytes": peak()}
    result["updated"] = run(f"of{sizes[0]}", sizes[0], city="Paris", overwrite=True)
    add_score()
    result["with_one_score"] = run("scored", scored)
    return result


def run(name: str, rows: int, city: str = "London", *, overwrite: bool = False) -> dict[str, Any]:
    """Import a file of so many rows; rows per second of the wall clock and of this process."""
    from wagtail_salesforce.contacts.importing.files import store
    from wagtail_salesforce.contacts.importing.options import Options
    from wagtail_salesforce.contacts.importing.work import start_import
    from wagtail_salesforce.jobs.run import run_job

    stored = store("people.csv", file(name, rows, city))
    stored.options, stored.targets = Options(overwrite=overwrite).as_json(), COLUMNS
    stored.save()
    job = start_import(stored, dry_run=False)
    cost = measure(lambda: run_job(job.pk, seconds=1e9))
    job.refresh_from_db()
    assert job.counts == {"updated" if overwrite else "created": rows}, job.counts
    return {
        "rows_per_second": round(rows / cost.wall),
        "cpu_microseconds_per_row": round(cost.cpu / rows * 1_000_000, 1),
    }


def file(name: str, rows: int, city: str) -> Iterator[bytes]:
    """The bytes of the file, in parts, so that making it takes no memory."""
    yield HEADER.encode()
    for start in range(0, rows, AT_ONCE):
        part = range(start, min(start + AT_ONCE, rows))
        yield "".join(line(f"{name}x{number}", number, city) for number in part).encode()


def line(name: str, number: int, city: str) -> str:
    return (
        f"{name}@example.org,Ada,Person {number},Engines {number % 100},+44 20 {number},{city},"
        f"N1 {number % 10},United Kingdom,{number % 28 + 1:02}/03/1980,{number % 500}\n"
    )


def add_score() -> None:
    from wagtail_salesforce.scoring.models import Rule, Score

    score = Score.objects.create(name="Ready", enabled=True)
    Rule.objects.create(
        score=score,
        name="Buyers",
        kind="attribute",
        source="attribute",
        field="licences",
        test="greater",
        value="100",
        points=5,
    )
    Score.objects.update(status=Score.Status.READY)


def peak() -> float:
    """The most memory that this process has held so far, in megabytes."""
    unit = 1024 if sys.platform == "darwin" else 1
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / unit, 1)


if __name__ == "__main__":
    main()
