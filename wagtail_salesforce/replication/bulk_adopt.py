"""Leads that a Bulk job may have made by another external identifier than is used now.

Nobody knows what became of rows that are put back. Sent again, they find their leads by the
external identifier; if the mapping names another one by then, they have to be found before.
"""

from __future__ import annotations

from functools import partial

from wagtail_salesforce.contacts.collisions import update_rows
from wagtail_salesforce.replication.bulk_job import BulkJob
from wagtail_salesforce.replication.bulk_jobs import inside
from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.replication.sender import Sender
from wagtail_salesforce.salesforce.client import SalesforceClient
from wagtail_salesforce.salesforce.soql import format_soql


#: With so many ids a query stays well below the 16,384 characters that its address may have
#: (REST guide, Query: URI length).
ASKED = 300


def adopt(job: BulkJob, sender: Sender) -> None:
    """Give the rows that are still in the job the leads that it has made. One API call for 300 of
    them, and none while the external identifier is the same."""
    if job.operation != "upsert" or job.external_id_field == sender.external_id_field:
        return
    fresh = inside(job).filter(lead_id="").order_by("pk").values_list("pk", "external_id")
    last = 0
    while rows := list(fresh.filter(pk__gt=last)[:ASKED]):
        ask = partial(_leads, sender.client, job.external_id_field, [key for _pk, key in rows])
        for key, lead_id in sender.flights.meanwhile(sender.allowance.reserved(ask)).items():
            links = inside(job).filter(external_id=key, state=LeadLink.State.NEW)
            update_rows(links, lead_id=lead_id, state=LeadLink.State.REPLICATED)
        last = rows[-1][0]
        sender.hold_on()


def _leads(client: SalesforceClient, field: str, keys: list[str]) -> dict[str, str]:
    words = "SELECT Id, {field:literal} FROM Lead WHERE {field:literal} IN {keys}"
    soql = format_soql(words, field=field, keys=keys)
    return {row[field]: row["Id"] for row in client.query(soql)}
