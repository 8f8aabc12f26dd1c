"""The admin with many contacts: the list, its filters and searches, a contact's page, the export.

    python -m tests.benchmarks.bench_contacts [--contacts 100000] [--activities 10] [--rounds 5]

Prints one JSON document: for each page its SQL statements, its median time with Django's test
client in milliseconds (by the wall clock, and of this process's CPU), the big tables it scans and the indexes it uses. Needs PostgreSQL, as
the contacts are made by set-based statements.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.benchmarks.harness import measure, median, report, site


EXPORTED = 100_000


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--contacts", type=int, default=100_000)
    options.add_argument("--activities", type=int, default=10, help="of each contact")
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()
    with site():
        from django.db import connection

        if connection.vendor != "postgresql":
            report({"database": connection.vendor, "left_out": "needs PostgreSQL"})
            return
        report(bench(given.contacts, given.activities, given.rounds))


def bench(contacts: int, activities: int, rounds: int) -> dict[str, Any]:
    began = time.perf_counter()
    seed(contacts, activities)
    seeded = time.perf_counter() - began
    client = superuser()
    return {
        "database": "postgresql",
        "contacts": contacts,
        "activities": contacts * activities,
        "seconds_of_seeding": round(seeded),
        "pages": {name: bench_page(client, url, rounds) for name, url in pages(contacts).items()},
        "export": bench_export(client, contacts),
    }


def seed(contacts: int, activities: int) -> None:
    from tests.benchmarks import seeding
    from wagtail_salesforce.contacts.models import Attribute
    from wagtail_salesforce.scoring.models import Score

    Attribute.objects.create(name="licences", label="Licences", type="integer")
    seeding.seed_contacts(contacts)
    seeding.seed_activities(activities)
    seeding.seed_lead_links()
    seeding.seed_points(Score.objects.create(name="Sales ready"))
    seeding.settle()


def superuser() -> Any:
    from django.contrib.auth import get_user_model
    from django.test import Client

    client = Client()
    client.force_login(get_user_model().objects.create_superuser("bench", "b@example.org", "x"))
    return client


def pages(contacts: int) -> dict[str, str]:
    """The pages by what they show."""
    from django.urls import reverse

    listed = reverse("wagtail_salesforce_contacts:index")
    one = contacts // 2
    return {
        "list, first page": listed,
        "filter: 4,900 points or more": f"{listed}?points=4900",
        "filter: 4,900 points or more, by name": f"{listed}?points=4900&ordering=last_name",
        "filter: company begins with": f"{listed}?company=Company+{one // 20}",
        "filter: status": f"{listed}?status=Customer",
        "search: whole e-mail": f"{listed}?q=person{one}@example{one % 1000}.org",
        "search: begun e-mail": f"{listed}?q=person{one}@",
        "search: word that many have": f"{listed}?q=Grace",
        "search: word that nobody has": f"{listed}?q=nobodyhasit",
        "contact's page": reverse("wagtail_salesforce_contacts:inspect", args=[one]),
    }


def bench_page(client: Any, url: str, rounds: int) -> dict[str, Any]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.benchmarks.plans import indexes, scans

    load = loading(client, url)
    load()  # Templates are compiled, caches of the process are filled.
    with CaptureQueriesContext(connection) as queries:
        load()
    statements = [query["sql"] for query in queries.captured_queries]
    slowest = max(float(query["time"]) for query in queries.captured_queries)
    cost = median([measure(load) for _ in range(rounds)])
    return {
        "statements": len(statements),
        "milliseconds": round(cost.wall * 1000, 1),
        "cpu_milliseconds": round(cost.cpu * 1000, 1),
        "slowest_statement_milliseconds": round(slowest * 1000),
        "scans": scans(statements),
        "indexes": indexes(statements),
    }


def loading(client: Any, url: str) -> Callable[[], None]:
    def load() -> None:
        response = client.get(url)
        assert response.status_code == 200, (url, response.status_code)

    return load


def bench_export(client: Any, contacts: int) -> dict[str, Any]:
    """The CSV file of the newest 100,000 contacts, or of all when there are fewer."""
    from django.urls import reverse

    from wagtail_salesforce.contacts.models import Contact

    wanted = min(EXPORTED, contacts)
    oldest = Contact.objects.order_by("-id")[wanted - 1]
    day = oldest.created_at.date() + timedelta(days=1)
    url = reverse("wagtail_salesforce_contacts:index")
    found = {"lines": 0}

    def export() -> None:
        response = client.get(url, {"export": "csv", "created_at_from": day.isoformat()})
        found["lines"] = sum(chunk.count(b"\n") for chunk in response.streaming_content)

    cost = measure(export)
    rows = found["lines"] - 1
    return {
        "rows": rows,
        "seconds": round(cost.wall, 1),
        "cpu_seconds": round(cost.cpu, 1),
        "rows_per_second": int(rows / cost.wall),
    }


if __name__ == "__main__":
    main()
