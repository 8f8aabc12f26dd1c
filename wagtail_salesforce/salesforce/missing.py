"""What is not there, by the name that was asked for. Salesforce's own words leave it out."""

from __future__ import annotations

from difflib import get_close_matches

from django.utils.translation import gettext

from wagtail_salesforce.exceptions import RequestRefused
from wagtail_salesforce.results import RowResult


#: Standard objects that every organization has. Asking for all that one has would cost a call.
WELL_KNOWN = (
    "Account",
    "Asset",
    "Attachment",
    "Campaign",
    "CampaignMember",
    "Case",
    "Contact",
    "ContentDocument",
    "ContentVersion",
    "Contract",
    "EmailMessage",
    "Event",
    "Group",
    "Lead",
    "LeadStatus",
    "Note",
    "Opportunity",
    "OpportunityLineItem",
    "Order",
    "Organization",
    "Pricebook2",
    "PricebookEntry",
    "Product2",
    "Profile",
    "Quote",
    "RecordType",
    "Task",
    "User",
    "UserRole",
)


class NotThere(RequestRefused):
    """A refusal because the object or the record asked for does not exist, with a cure."""

    def __init__(self, message: str, cure: str, refused: RequestRefused) -> None:
        super().__init__(message, code=refused.code, status=refused.status, fields=refused.fields)
        self._cure = cure
        self.results = refused.results

    @property
    def cure(self) -> str:
        return self._cure


def object_not_there(name: str, refused: RequestRefused) -> NotThere:
    """The error for an object that the user of the token does not see."""
    words = gettext(
        "There is no object %(object)s in this organization that this user can see%(hint)s"
    )
    message = words % {"object": name, "hint": _did_you_mean(name)}
    cure = gettext(
        "Names of custom objects end in __c. If the name is right, the user needs access to the"
        " object in Salesforce."
    )
    return NotThere(message, cure, refused)


def _did_you_mean(name: str) -> str:
    """The standard object whose name is nearly the same, as the end of a sentence."""
    known = {each.lower(): each for each in WELL_KNOWN}
    found = get_close_matches(name.lower(), known, n=1, cutoff=0.7)
    if not found or found[0] == name.lower():
        return "."
    return gettext("; did you mean %(object)s?") % {"object": known[found[0]]}


def record_not_there(name: str, id: str, refused: RequestRefused) -> RequestRefused:
    """The error for a record that cannot be read; any other refusal as it was."""
    if refused.code == "ENTITY_IS_DELETED":
        cure = gettext("A query with include_deleted=True still finds it.")
        return NotThere(_in_recycle_bin(name, id), cure, refused)
    if refused.code != "NOT_FOUND":
        return refused
    cure = gettext("Check the id, and the name of the object: %(object)s%(hint)s") % {
        "object": name,
        "hint": _did_you_mean(name),
    }
    return NotThere(_no_such_record(name, id), cure, refused)


def row_not_there(name: str, id: str, row: RowResult) -> RowResult:
    """The result of a record written by its id, with words that name it if it does not exist."""
    if row.code == "ENTITY_IS_DELETED":
        return row._replace(message=_in_recycle_bin(name, id))
    # With fields it speaks of what they refer to.
    if row.code == "INVALID_CROSS_REFERENCE_KEY" and not row.fields:
        cure = gettext("Check the id.")
        return row._replace(message=f"{_no_such_record(name, id)} {cure}")
    return row


def _in_recycle_bin(name: str, id: str) -> str:
    words = gettext("The %(object)s with the id %(id)s has been deleted.")
    return words % {"object": name, "id": id}


def _no_such_record(name: str, id: str) -> str:
    words = gettext("There is no %(object)s with the id %(id)s that this user can see.")
    return words % {"object": name, "id": id}
