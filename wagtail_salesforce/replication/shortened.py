"""Tells a contact's timeline which values were shortened to fit into Salesforce."""

from __future__ import annotations

from functools import partial

from django.db import connection, transaction
from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.collisions import despite_collisions
from wagtail_salesforce.contacts.models import Activity, Contact
from wagtail_salesforce.replication.extensions import OutgoingLead
from wagtail_salesforce.replication.models import LeadLink


ACTIVITY_TYPE = "lead_shortened"


def note_shortened(sent: list[OutgoingLead]) -> None:
    """Add a note for each lead with shortened values; three statements for all.

    It is bookkeeping, not something the contact did: no signal, no points, no due mark.
    """
    shortened = [lead for lead in sent if lead.shortened]
    if shortened:
        despite_collisions(partial(_add_notes, shortened))


def _add_notes(shortened: list[OutgoingLead]) -> None:
    with transaction.atomic():
        owners = _owners(shortened)
        Activity.objects.bulk_create(
            _note(lead, owners[lead.link_id]) for lead in shortened if lead.link_id in owners
        )


def _owners(leads: list[OutgoingLead]) -> dict[int, int]:
    """Whose timeline it is now, by link id: a contact may be erased or merged by this time."""
    links = LeadLink.objects.filter(pk__in=[lead.link_id for lead in leads])
    owners = dict(links.exclude(contact=None).values_list("pk", "contact_id"))
    no_key = connection.features.has_select_for_no_key_update
    held = Contact.objects.select_for_update(no_key=no_key).filter(pk__in=owners.values())
    present = set(held.order_by("pk").values_list("pk", flat=True))
    return {link_id: owner for link_id, owner in owners.items() if owner in present}


def _note(lead: OutgoingLead, contact_id: int) -> Activity:
    fields = ", ".join(item.field for item in lead.shortened)
    title = _("Shortened for Salesforce: %(fields)s") % {"fields": fields}
    comment = "\n".join(str(item.message) for item in lead.shortened)
    return Activity(contact_id=contact_id, type=ACTIVITY_TYPE, title=title[:250], comment=comment)
