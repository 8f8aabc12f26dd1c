"""The links of contacts that are erased become tombstones that tell nothing of them."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import F, Q

from wagtail_salesforce.jobs import start
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings


#: The kind of job that deletes leads; see `deleting`.
DELETE_LEADS = "delete_leads"


def bury(contact_ids: Collection[int], *, delete_leads: bool = False) -> int:
    """Make tombstones of the links of these contacts, and of those merged into them.

    A tombstone keeps a batch under way from making the lead again and takes up what the batch
    comes to. With `delete_leads` a job deletes the leads once nothing is under way any more.
    Returns how many leads are to be deleted. Inside the caller's transaction.
    """
    theirs = Q(contact__in=contact_ids) | Q(merged_into__in=contact_ids)
    held = LeadLink.objects.select_for_update().filter(theirs).order_by("pk")
    leads = dict(held.values_list("pk", "lead_id"))
    LeadLink.objects.filter(pk__in=leads).update(
        contact=None,
        merged_into=None,
        state=LeadLink.State.ERASED,
        excluded_reason="",
        version=F("version") + 1,
        due_at=None,
        required=False,
        fingerprint="",
        job_fingerprint="",
        job_shortened="",
        attempts=0,
        suspended_at=None,
        last_error_code="",
        last_error_message="",
    )
    if not (delete_leads and leads and _may_have_leads()):
        return 0
    start(DELETE_LEADS, {"links": sorted(leads)}, total=len(leads))
    return sum(1 for lead_id in leads.values() if lead_id)


def _may_have_leads() -> bool:
    """Where nothing was ever sent and no run may begin, no call can be under way either."""
    settings = ReplicationSettings.load()
    return settings.enabled or bool(settings.org_id)
