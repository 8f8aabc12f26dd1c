"""Which contacts the rule for inactive contacts leaves alone for the sake of replication."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from wagtail_salesforce.contacts.models import InactiveContactRule
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings


def spared(rule: InactiveContactRule) -> Q:
    """The condition of contacts that are not to be deleted.

    Those that wait to be sent, while replication is on; and unless the rule says otherwise those
    that have a lead or about whom somebody has decided something (required or excluded).
    """
    kept = Q(pk=None)
    if ReplicationSettings.load().enabled:
        kept |= Q(due_at__isnull=False)
    if not rule.with_leads:
        kept |= Q(required=True) | Q(state=LeadLink.State.EXCLUDED) | ~Q(lead_id="")
    return Q(Exists(LeadLink.objects.filter(kept, contact=OuterRef("pk"))))
