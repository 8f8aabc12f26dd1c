"""What must be true when all is quiet again: nothing lost, nothing doubled, nothing left hanging."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any


FIELDS = {
    "LastName": "last_name",
    "FirstName": "first_name",
    "Email": "email",
    "Title": "job_title",
    "Phone": "business_phone",
    "City": "city",
    "Company": "company_name",
}
EXAMPLES = 3


def broken_promises() -> list[str]:
    """Every promise that does not hold, in a sentence with examples; empty when all is well."""
    return [_sentence(words, found) for words, found in _checks() if found]


def _sentence(words: str, found: list[Any]) -> str:
    shown = ", ".join(map(str, found[:EXAMPLES]))
    return f"{len(found)} {words}: {shown}{' …' if len(found) > EXAMPLES else ''}"


def _checks() -> Iterator[tuple[str, list[Any]]]:
    leads, contacts = _leads(), _contacts()
    often = Counter(lead["Web_Contact_ID__c"] for lead in leads)
    yield "external ids have several leads", [key for key, count in often.items() if count > 1]
    yield (
        "leads belong to no contact",
        [lead["Id"] for lead in leads if lead["Web_Contact_ID__c"] not in contacts],
    )
    yield "leads were deleted", [lead["Id"] for lead in leads if lead["IsDeleted"]]
    yield "contacts have no lead", [key for key in contacts if key not in often]
    yield "leads have old values", list(_outdated(leads, contacts))
    yield (
        "links name another lead than Salesforce has",
        [
            lead["Id"]
            for lead in leads
            if contacts.get(lead["Web_Contact_ID__c"], {}).get("lead_id") != lead["Id"]
        ],
    )
    yield from _left_hanging()


def _leads() -> list[dict[str, Any]]:
    from wagtail_salesforce.connection.session import get_client

    columns = ", ".join(["Id", "IsDeleted", "Web_Contact_ID__c", *FIELDS])
    with get_client() as client:
        return list(client.query(f"SELECT {columns} FROM Lead", include_deleted=True))


def _contacts() -> dict[str, dict[str, Any]]:
    from wagtail_salesforce.contacts.models import Contact

    columns = [*FIELDS.values(), "lead_link__external_id", "lead_link__lead_id"]
    rows = Contact.objects.values(*columns)
    return {
        row["lead_link__external_id"]: {**row, "lead_id": row["lead_link__lead_id"]} for row in rows
    }


def _outdated(
    leads: list[dict[str, Any]], contacts: dict[str, dict[str, Any]]
) -> Iterator[tuple[str, str]]:
    for lead in leads:
        contact = contacts.get(lead["Web_Contact_ID__c"])
        if contact is None:
            continue
        for field, column in FIELDS.items():
            wanted = contact[column] or (None if field != "Company" else "Unknown")
            if lead[field] != wanted:
                yield lead["Id"], field


def _left_hanging() -> Iterator[tuple[str, list[Any]]]:
    from django.db.models import F

    from wagtail_salesforce.replication.bulk_job import BulkJob
    from wagtail_salesforce.replication.models import LeadLink, Lease, Run

    def links(**asked: Any) -> list[Any]:
        return list(LeadLink.objects.filter(**asked).values_list("pk", flat=True))

    replicated = LeadLink.objects.filter(state=LeadLink.State.REPLICATED)
    others = LeadLink.objects.exclude(state=LeadLink.State.REPLICATED)
    yield "links are not replicated", list(others.values_list("pk", "state", "last_error_code"))
    yield "links are due still", links(due_at__isnull=False)
    yield (
        "links were sent in an old version",
        list(replicated.exclude(version=F("synced_version")).values_list("pk", flat=True)),
    )
    claimed = LeadLink.objects.exclude(claimed_by="")
    yield "links are claimed still", list(claimed.values_list("pk", flat=True))
    in_jobs = LeadLink.objects.filter(job__isnull=False)
    yield "links are in a Bulk job still", list(in_jobs.values_list("pk", "job"))
    open_jobs = BulkJob.objects.filter(ended_at=None)
    yield "Bulk jobs are open still", list(open_jobs.values_list("pk", "state"))
    yield (
        "leases are held still",
        list(Lease.objects.exclude(owner="").values_list("name", "owner")),
    )
    running = Run.objects.filter(state=Run.State.RUNNING)
    yield "runs are open still", list(running.values_list("pk", flat=True))
