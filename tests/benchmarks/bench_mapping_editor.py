"""Opening the mapping editor: the price of a field in an organization with 60 and with 800.

    python -m tests.benchmarks.bench_mapping_editor [--rounds 7]

Prints one JSON document: milliseconds of CPU to open the page of a stored mapping, whole and per
field, the page's bytes and its SQL statements, and the ratio of a field's price at 800 to 60.
"""

from __future__ import annotations

import argparse
from typing import Any

from tests.benchmarks.harness import measure, median, report, site


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=7)
    given = options.parse_args()
    with site():
        from django.conf import settings

        settings.ALLOWED_HOSTS = ["*"]
        report(bench(given.rounds))


def bench(rounds: int) -> dict[str, Any]:
    """The page of a Lead with 60 fields beside that of the large shape's 800."""
    small, large = describes()
    found = {len(each["fields"]): opening(each, rounds) for each in (small, large)}
    prices = [each["ms_per_field"] for each in found.values()]
    return {
        "rounds": rounds,
        "by_fields": found,
        "ratio_per_field_800_to_60": round(prices[1] / prices[0], 2),
    }


def describes() -> tuple[dict[str, Any], dict[str, Any]]:
    """What a Lead of 60 fields and one of 800, with picklists of 1,000 entries, describe."""
    from datetime import datetime, timezone

    from wagtail_salesforce.practice_org.describe import describe_object
    from wagtail_salesforce.practice_org.schema import seed_schema
    from wagtail_salesforce.practice_org.shapes import apply_shapes

    schema = seed_schema(datetime(2026, 1, 1, tzinfo=timezone.utc))
    small = describe_object(schema.objects["Lead"], "66.0")
    small["fields"] = small["fields"][:60]
    apply_shapes(schema, ["large"])
    return small, describe_object(schema.objects["Lead"], "66.0")


def opening(answer: dict[str, Any], rounds: int) -> dict[str, Any]:
    """Open the page again and again; the first time does not count."""
    from django.db import connection

    client, url = prepared(answer)
    client.get(url)
    statements: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        statements.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        page = client.get(url)
    assert page.status_code == 200, page.status_code
    cost = median([measure(lambda: client.get(url)) for _ in range(rounds)])
    return {
        "rows": page.content.count(b'data-ws-map-row="'),
        "statements": len(statements),
        "statements_of_the_package": sum('FROM "wagtail_salesforce_' in sql for sql in statements),
        "bytes": len(page.content),
        "cpu_ms": round(cost.cpu * 1000, 1),
        "ms_per_field": round(cost.cpu * 1000 / len(answer["fields"]), 3),
    }


def prepared(answer: dict[str, Any]) -> tuple[Any, str]:
    """A stored mapping, and somebody who may edit it."""
    from django.contrib.auth import get_user_model
    from django.test import Client
    from django.utils import timezone

    from wagtail_salesforce.connection.models import Connection, DescribeSnapshot
    from wagtail_salesforce.mapping.models import Mapping
    from wagtail_salesforce.mapping.suggest import suggest
    from wagtail_salesforce.salesforce.describe import ObjectDescribe

    describe = ObjectDescribe.from_json(answer)
    Connection.load()
    Connection.objects.update(org_id="00D000000000001EAA", **AUTHORIZED)
    DescribeSnapshot.objects.update_or_create(
        org_id="00D000000000001EAA",
        object_name="Lead",
        defaults={"data": describe.to_json(), "fetched_at": timezone.now()},
    )
    fields = suggest(describe, {})
    mapping, _made = Mapping.objects.update_or_create(name="Leads", defaults={"fields": fields})
    user, _made = get_user_model().objects.get_or_create(
        username="bench", is_superuser=True, is_staff=True
    )
    client = Client()
    client.force_login(user)
    return client, f"/admin/snippets/wagtail_salesforce/mapping/edit/{mapping.pk}/"


AUTHORIZED = {"status": "authorized", "instance_url": "https://example.my.salesforce.com"}


if __name__ == "__main__":
    main()
