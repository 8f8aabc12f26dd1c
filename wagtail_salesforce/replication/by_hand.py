"""What a person asks: replicate a contact now, send these whatever their points, or not at all."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.collisions import update_rows
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.exceptions import Stopped
from wagtail_salesforce.replication import due
from wagtail_salesforce.replication.due import retry
from wagtail_salesforce.replication.extensions import rejected_by
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
    update_rows(links.filter(sendable), version=F("version") + 1, due_at=timezone.now())


def is_held_back(contact_id: int) -> bool:
    """Whether the contact may not be sent by anybody's wish: excluded, or without consent."""
    if LeadLink.objects.filter(contact_id=contact_id, state=State.EXCLUDED).exists():
        return True
    consent = ReplicationSettings.load().consent_attribute
    values = Contact.objects.values_list("attributes", flat=True).get(pk=contact_id)
    return bool(consent) and values.get(consent) is not True


def is_kept_as_it_is(contact_id: int) -> bool:
    """Whether the contact has a lead that is not written any more, as the settings say."""
    links = LeadLink.objects.filter(contact_id=contact_id).exclude(lead_id="")
    return not ReplicationSettings.load().keep_leads_updated and links.exists()


class NotChosen(Stopped):
    """A function of the site's own code does not choose the contact; the message names it."""

    code = "contact_held_back"

    @property
    def cure(self) -> str:
        return _("Look there for the reason, or ask the people who run the site.")


def check_chosen(contact_id: int) -> None:
    """Raise NotChosen when the site's own code holds the contact back, else nothing.

    Raises ExtensionFailed when that code fails.
    """
    if name := rejected_by(contact_id):
        words = _(
            "The contact is held back by %(name)s, a function of this site's own code that chooses"
            " who is sent."
        )
        raise NotChosen(words % {"name": name})


def require(contact_ids: Collection[int], required: bool = True) -> int:
    """Ask for contacts whatever their points, or ask no more; how many were changed.

    Only the contacts without a lead are looked at again: a lead asks for no points. Exclusion
    still holds.
    """
    links = links_of(contact_ids).filter(required=not required)
    leadless = update_rows(
        links.filter(state=State.NEW),
        required=required,
        version=F("version") + 1,
        due_at=timezone.now(),
    )
    return leadless + update_rows(links, required=required)


def exclude(contact_ids: Collection[int]) -> int:
    """Hold contacts back until an editor lifts it; how many were not held back yet."""
    return due.exclude(links_of(contact_ids))


def include(contact_ids: Collection[int]) -> int:
    """Lift the exclusion of contacts, whatever its reason; how many."""
    return due.include(links_of(contact_ids))


def links_of(contact_ids: Collection[int]) -> QuerySet[LeadLink]:
    """The links of contacts; who was made by direct SQL gets one here."""
    links = LeadLink.objects.filter(contact_id__in=contact_ids)
    without = Contact.objects.filter(pk__in=contact_ids, lead_link=None)
    lonely = without.values_list("pk", flat=True)
    LeadLink.objects.bulk_create([LeadLink(contact_id=pk) for pk in lonely], ignore_conflicts=True)
    return links
