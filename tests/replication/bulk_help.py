"""What the tests of Bulk share."""

from __future__ import annotations

from typing import Any

from tests.ready import EXTERNAL_ID
from wagtail_salesforce.connection.session import get_client
from wagtail_salesforce.replication.bulk_job import BulkJob
from wagtail_salesforce.replication.engine import Request, RunResult, run_slice
from wagtail_salesforce.replication.models import LeadLink


JOBS = "/jobs/ingest"
COMPOSITE = "/composite"


def one_slice(**request: Any) -> RunResult:
    """A slice whose time is up at once: it leaves its jobs under way."""
    return run_slice(Request("command", budget_seconds=0, **request))


def states() -> list[str]:
    """The states of all jobs, the oldest first."""
    return list(BulkJob.objects.order_by("pk").values_list("state", flat=True))


def delete_at_salesforce(job: BulkJob) -> None:
    """What an administrator may do on the page of Bulk jobs."""
    with get_client() as client:
        client.bulk.abort(job.salesforce_id)
        client.bulk.delete(job.salesforce_id)


def assert_each_has_one_lead(org: Any) -> None:
    """Every contact has exactly one lead with its latest values, and nothing is under way."""
    leads = {lead[EXTERNAL_ID]: lead for lead in org.leads()}
    links = list(LeadLink.objects.select_related("contact"))
    assert len(org.leads(include_deleted=True)) == len(leads) == len(links)
    assert [link for link in links if link.job or link.due_at or link.claimed_by] == []
    told = {link.external_id: (link.lead_id, link.contact.last_name) for link in links}
    assert told == {key: (lead["Id"], lead["LastName"]) for key, lead in leads.items()}
    assert all(link.synced_version == link.version for link in links)
    assert not set(states()) & {"making", "closed"}
