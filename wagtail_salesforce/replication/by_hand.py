"""What a person asks of one contact: replicate it now."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from wagtail_salesforce.replication.due import retry
from wagtail_salesforce.replication.models import LeadLink


def ask_for(contact_id: int) -> None:
    """Make one contact due now if it may be sent: a suspended one is tried again.

    An excluded one stays as it is: exclusion is lifted by an editor and by nothing else.
    """
    links = LeadLink.objects.filter(contact_id=contact_id)
    if not links.exists():
        LeadLink.objects.create(contact_id=contact_id)
    retry(links)
    sendable = Q(state__in=[LeadLink.State.NEW, LeadLink.State.REPLICATED])
    links.filter(sendable, due_at=None).update(due_at=timezone.now())
