"""Tells a contact's timeline which values were shortened to fit into Salesforce."""

from __future__ import annotations

from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.models import Activity
from wagtail_salesforce.replication.extensions import OutgoingLead


ACTIVITY_TYPE = "lead_shortened"


def note_shortened(sent: list[OutgoingLead]) -> None:
    """Add a note for each lead with shortened values; one statement for all.

    It is bookkeeping, not something the contact did: no signal, no points, no due mark.
    """
    notes = [_note(lead) for lead in sent if lead.shortened]
    if notes:
        Activity.objects.bulk_create(notes)


def _note(lead: OutgoingLead) -> Activity:
    fields = ", ".join(item.field for item in lead.shortened)
    title = _("Shortened for Salesforce: %(fields)s") % {"fields": fields}
    comment = "\n".join(str(item.message) for item in lead.shortened)
    return Activity(
        contact_id=lead.contact_id, type=ACTIVITY_TYPE, title=title[:250], comment=comment
    )
