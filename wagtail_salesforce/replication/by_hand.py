"""What a person asks of one contact: replicate it now."""

from __future__ import annotations

from django.db.models import F, Q
from django.utils import timezone

from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.replication.due import retry
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings


State = LeadLink.State


def ask_for(contact_id: int) -> None:
    """Make one contact due now if it may be sent: a suspended one is tried again.

    An excluded one stays as it is: exclusion is lifted by an editor and by nothing else.
    """
    links = LeadLink.objects.filter(contact_id=contact_id)
    if not links.exists():
        LeadLink.objects.create(contact_id=contact_id)
    retry(links)
    # The version grows, so that a run under way does not take the mark off again.
    sendable = Q(state__in=[State.NEW, State.REPLICATED])
    links.filter(sendable).update(version=F("version") + 1, due_at=timezone.now())


def is_held_back(contact_id: int) -> bool:
    """Whether the contact may not be sent by anybody's wish: excluded, or without consent."""
    if LeadLink.objects.filter(contact_id=contact_id, state=State.EXCLUDED).exists():
        return True
    consent = ReplicationSettings.load().consent_attribute
    values = Contact.objects.values_list("attributes", flat=True).get(pk=contact_id)
    return bool(consent) and values.get(consent) is not True
