"""The floor F: a bare staged loop that reads, maps, sends and marks, with no error handling.

No engine can do the same work for less; ours is measured as a multiple of it, in the same run.
"""

from __future__ import annotations

import json
from typing import Any

import requests
from django.db import connection
from django.utils import timezone

from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.replication.models import LeadLink


COLUMNS = (
    "id",
    "last_name",
    "first_name",
    "email",
    "job_title",
    "business_phone",
    "city",
    "company_name",
)
FIELDS = ("LastName", "FirstName", "Email", "Title", "Phone", "City", "Company")


def staged_loop(url: str, token: str, external_id_field: str, version: str) -> int:
    """Replicate everything that is due, 1,000 per Composite call; how many leads."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token}"
    base = f"/services/data/v{version}"
    last, sent = 0, 0
    while ids := _due(last):
        external = dict(ids)
        rows = Contact.objects.filter(pk__in=external).order_by("pk").values_list(*COLUMNS)
        records = [_record(row, external_id_field, external[row[0]]) for row in rows]
        body = _composite(f"{base}/composite/sobjects/Lead/{external_id_field}", records)
        answer = session.post(
            f"{url}{base}/composite",
            data=json.dumps(body),
            headers={"Content-Type": "application/json"},
            timeout=60,
        ).json()
        results = [row for part in answer["compositeResponse"] for row in part["body"]]
        _mark([row[0] for row in rows], [result["id"] for result in results])
        last, sent = ids[-1][0], sent + len(ids)
    return sent


def _due(last: int) -> list[tuple[int, str]]:
    links = LeadLink.objects.filter(due_at__lte=timezone.now(), contact_id__gt=last)
    return list(links.order_by("contact_id").values_list("contact_id", "external_id")[:1000])


def _record(row: tuple[Any, ...], external_id_field: str, external_id: str) -> dict[str, Any]:
    record = {"attributes": {"type": "Lead"}, external_id_field: external_id}
    for name, value in zip(FIELDS, row[1:], strict=True):
        if value:
            record[name] = value
    return record


def _composite(url: str, records: list[dict[str, Any]]) -> dict[str, Any]:
    parts = [
        {
            "method": "PATCH",
            "url": url,
            "referenceId": f"b{start}",
            "httpHeaders": {"Sforce-Auto-Assign": "FALSE"},
            "body": {"allOrNone": False, "records": records[start : start + 200]},
        }
        for start in range(0, len(records), 200)
    ]
    return {"allOrNone": False, "collateSubrequests": False, "compositeRequest": parts}


MARK = {
    "sqlite": """
        UPDATE {table} AS l SET state = 'replicated', due_at = NULL, synced_version = version,
               lead_id = v.lead_id
        FROM (SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS lead_id
              FROM json_each(%s)) AS v WHERE l.contact_id = v.id""",
    "postgresql": """
        UPDATE {table} AS l SET state = 'replicated', due_at = NULL, synced_version = version,
               lead_id = v.lead_id
        FROM unnest(%s::bigint[], %s::text[]) AS v(id, lead_id) WHERE l.contact_id = v.id""",
}


def _mark(ids: list[int], lead_ids: list[str]) -> None:
    sql = MARK[connection.vendor].format(table=LeadLink._meta.db_table)
    pairs = [json.dumps(list(zip(ids, lead_ids, strict=True)))]
    with connection.cursor() as cursor:
        cursor.execute(sql, pairs if connection.vendor == "sqlite" else [ids, lead_ids])
