"""Whether a Bulk job may still make the leads of erased contacts."""

from __future__ import annotations

from collections.abc import Sequence

from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.session import get_client
from wagtail_salesforce.connection.usage import save_usage
from wagtail_salesforce.exceptions import RequestRefused
from wagtail_salesforce.replication.allowance import keep_reserve
from wagtail_salesforce.replication.bulk_carrier import is_unknown
from wagtail_salesforce.replication.bulk_job import BulkJob
from wagtail_salesforce.replication.bulk_jobs import has_live_holder, open_jobs
from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.salesforce.bulk import WAITING


def any_under_way(link_ids: Sequence[int]) -> bool:
    """Whether any of these links is in a job that Salesforce, or a worker of ours, is at.

    Salesforce is asked only about a job that no worker holds, as no run may come for a long time.
    Raises what `get_client` and a call raise.
    """
    links = LeadLink.objects.filter(pk__in=link_ids, job__isnull=False)
    wanted = {job for job in links.values_list("job", flat=True) if job}
    jobs = open_jobs(Connection.load().org_id).filter(pk__in=wanted) if wanted else []
    return any(has_live_holder(job) or _is_waiting(job) for job in jobs)


def _is_waiting(job: BulkJob) -> bool:
    """An open one is none: what is not closed is never begun, and the next run aborts it."""
    if not job.salesforce_id:
        return False
    with get_client() as client:
        keep_reserve(client)
        try:
            return client.bulk.look(job.salesforce_id).state in WAITING
        except RequestRefused as error:
            # Only of a job that is gone is it known that it makes no lead any more.
            return not is_unknown(error)
        finally:
            save_usage(client.usage)
