"""A lead link in plain words: what is the matter, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_salesforce.exceptions import Text
from wagtail_salesforce.replication.models import LeadLink


#: What Salesforce's error codes mean to an editor. The sources are the status codes of the
#: "SOAP API Developer Guide: Core Data Types" and "REST API Developer Guide: Status Codes".
MEANINGS = {
    "REQUIRED_FIELD_MISSING": gettext_lazy(
        "Salesforce asks for a field that is empty for this contact."
    ),
    "STRING_TOO_LONG": gettext_lazy("A text is too long for its field in Salesforce."),
    "NUMBER_OUTSIDE_VALID_RANGE": gettext_lazy("A number is too large for its field."),
    "INVALID_EMAIL_ADDRESS": gettext_lazy("Salesforce does not accept the e-mail address."),
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": gettext_lazy(
        "A value is not in the list that the field in Salesforce is restricted to."
    ),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": gettext_lazy(
        "A validation rule of the organization refused the lead."
    ),
    "FIELD_INTEGRITY_EXCEPTION": gettext_lazy(
        "A value does not go together with another one, or names a record that does not exist."
    ),
    "DUPLICATES_DETECTED": gettext_lazy(
        "A duplicate rule of the organization found another lead for the same person."
    ),
    "DUPLICATE_VALUE": gettext_lazy("Another lead already has a value that must be unique."),
    "INVALID_FIELD": gettext_lazy("A mapped field does not exist in the organization any more."),
    "INVALID_FIELD_FOR_INSERT_UPDATE": gettext_lazy(
        "The integration user may not write a mapped field."
    ),
    "INSUFFICIENT_ACCESS_OR_READONLY": gettext_lazy(
        "The integration user may not change this lead."
    ),
    "INVALID_CROSS_REFERENCE_KEY": gettext_lazy(
        "A value names a record (an owner or a campaign, say) that does not exist."
    ),
    "ENTITY_IS_DELETED": gettext_lazy("The lead was deleted in Salesforce."),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": gettext_lazy(
        "An automation of the organization (a flow or a trigger) refused the lead."
    ),
    "UNABLE_TO_LOCK_ROW": gettext_lazy("Somebody else was changing the lead at the same moment."),
    "held_back_by_site": gettext_lazy("This site's own rules hold the contact back."),
    **dict.fromkeys(
        ("SOURCE_FAILED", "CONVERTER_FAILED", "EXTENSION_FAILED"),
        gettext_lazy("This site's own code failed for the contact."),
    ),
}

#: Errors that a value of the contact is the reason of, with the field of its form where the code
#: tells it. A mapping may send any value to any field, so other codes do not tell it.
OF_THE_CONTACT = {
    "REQUIRED_FIELD_MISSING": "",
    "STRING_TOO_LONG": "",
    "NUMBER_OUTSIDE_VALID_RANGE": "",
    "INVALID_EMAIL_ADDRESS": "id_email",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": "",
}

CURES: dict[str, Text] = {
    LeadLink.State.SUSPENDED: gettext_lazy(
        "Correct the contact or the mapping: it is then tried again by itself. If the cause was in "
        "Salesforce, correct it there and press Retry."
    ),
    LeadLink.Excluded.BY_HAND: gettext_lazy("Press Include again to let it go to Salesforce."),
    LeadLink.Excluded.BY_SITE: gettext_lazy("Press Include again to let it go to Salesforce."),
    LeadLink.Excluded.CONVERTED: gettext_lazy(
        "Nothing needs doing: sales is working with this person. Include again makes a new lead."
    ),
    LeadLink.Excluded.DELETED: gettext_lazy(
        "Nothing needs doing if the lead was deleted on purpose. Include again makes a new lead."
    ),
    LeadLink.Excluded.MERGED: gettext_lazy(
        "Nothing needs doing: the surviving lead stands in its place. Include again makes a new "
        "lead."
    ),
    LeadLink.Excluded.SECOND: gettext_lazy(
        "Somebody with access to Salesforce should merge the two leads there, or delete this one."
    ),
}

#: Why the lead of an erased contact is still there.
NOT_DELETED = {
    "CONVERTED": gettext_lazy("The contact was erased here, but its lead had been converted."),
    "CANCELLED": gettext_lazy(
        "The contact was erased here, but somebody cancelled the deletion of its lead."
    ),
    "OTHER_ORG": gettext_lazy(
        "The contact was erased here, but its lead is in another organization."
    ),
}


@dataclass(frozen=True)
class LinkWords:
    """The state of a link in words. `tone` is "positive", "info", "warning" or "plain"."""

    title: str
    text: str
    cure: str
    tone: str


def describe(link: LeadLink) -> LinkWords:
    """Say what state a link is in and what somebody may do about it."""
    return _DESCRIBERS.get(link.state, _waiting)(link)


def _suspended(link: LeadLink) -> LinkWords:
    text = str(MEANINGS.get(link.last_error_code, _("Salesforce did not accept the contact.")))
    return LinkWords(_("Suspended"), text, str(CURES[LeadLink.State.SUSPENDED]), "warning")


def _excluded(link: LeadLink) -> LinkWords:
    cure = str(CURES.get(link.excluded_reason, ""))
    return LinkWords(_("Excluded"), _sentence(link.get_excluded_reason_display()), cure, "info")


def _replicated(link: LeadLink) -> LinkWords:
    if link.due_at is None:
        return LinkWords(_("In Salesforce"), _("The lead is up to date."), "", "positive")
    return LinkWords(_("In Salesforce"), _due_text(link), "", "positive")


def _erased(link: LeadLink) -> LinkWords:
    if not link.lead_id or not link.last_error_code:
        return LinkWords(_("Erased"), _("The contact was deleted here."), "", "plain")
    refused = _("The contact was erased here, but Salesforce refused to delete its lead.")
    text = str(NOT_DELETED.get(link.last_error_code, refused))
    cure = _("Delete the person's data in Salesforce by hand.")
    return LinkWords(_("Erased"), text, cure, "warning")


def _waiting(link: LeadLink) -> LinkWords:
    if link.due_at is None:
        text = _("The contact has no lead: it is not chosen for replication at present.")
        return LinkWords(_("Not in Salesforce"), text, "", "plain")
    return LinkWords(_("Waiting"), _due_text(link), "", "info")


def _due_text(link: LeadLink) -> str:
    if link.job is not None:
        return _("It is under way in a Bulk job, whose outcome a run will read.")
    if link.due_at and link.due_at > timezone.now():
        return _("It is tried again later, after trouble that passes by itself.")
    return _("The next run looks at it.")


def _sentence(label: Any) -> str:
    text = str(label)
    return f"{text}." if text else ""


_DESCRIBERS: dict[str, Callable[[LeadLink], LinkWords]] = {
    LeadLink.State.SUSPENDED: _suspended,
    LeadLink.State.EXCLUDED: _excluded,
    LeadLink.State.REPLICATED: _replicated,
    LeadLink.State.ERASED: _erased,
}
