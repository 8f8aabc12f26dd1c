"""What became of a contact in a run, as data; and what each of Salesforce's answers means."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import NamedTuple

from wagtail_salesforce.replication.extensions import OutgoingLead
from wagtail_salesforce.results import RowResult
from wagtail_salesforce.salesforce.redact import redact


class Kind(str, Enum):
    """The outcomes."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SUSPENDED = "suspended"
    EXCLUDED = "excluded"
    #: A passing trouble of this row only: it stays due, later.
    POSTPONED = "postponed"
    #: Not eligible at present: the due mark is taken off.
    RELEASED = "released"
    #: The lead is gone, and the editor wants a new one: due again without a lead.
    RENEWED = "renewed"


NO_WAIT = timedelta(0)

#: Those that are counted in a run.
COUNTED = (
    Kind.CREATED,
    Kind.UPDATED,
    Kind.UNCHANGED,
    Kind.SUSPENDED,
    Kind.EXCLUDED,
    Kind.POSTPONED,
)


class Outcome(NamedTuple):
    """What is recorded for one link, under the version that was read.

    A named tuple, because there is one for each contact, and it is cheap to make.
    """

    kind: Kind
    link_id: int
    contact_id: int
    version: int
    lead_id: str = ""
    fingerprint: str = ""
    attempts: int = 0
    code: str = ""
    message: str = ""
    excluded_reason: str = ""
    surviving_lead_id: str = ""
    wait: timedelta | None = None
    #: Accepted, but not all of it: to be sent once more.
    again: bool = False


def accepted(lead: OutgoingLead, result: RowResult) -> Outcome:
    """Salesforce took it. It counts as created when we knew of no lead before."""
    kind = Kind.UPDATED if lead.lead_id else Kind.CREATED
    if _left_old_values(lead, result):
        return Outcome(
            kind, lead.link_id, lead.contact_id, lead.version, result.id, wait=NO_WAIT, again=True
        )
    return Outcome(kind, lead.link_id, lead.contact_id, lead.version, result.id, lead.fingerprint)


def _left_old_values(lead: OutgoingLead, result: RowResult) -> bool:
    """Whether a lead was there already although we knew of none, and may hold what we left out.

    It was made by a call whose answer was lost. A new lead leaves out what is empty, so what the
    contact has lost since then stands in the lead still; an update clears it. Of a row of a Bulk
    job the payload is no longer known.
    """
    known = bool(lead.lead_id) or result.created
    return not known and (not lead.payload or None in lead.payload.values())


def suspended(lead: OutgoingLead, code: str, message: str) -> Outcome:
    """Not tried again until the contact or the mapping changes, or an editor says so."""
    return Outcome(
        Kind.SUSPENDED,
        lead.link_id,
        lead.contact_id,
        lead.version,
        lead.lead_id,
        attempts=lead.attempts + 1,
        code=code,
        message=message,
    )


def excluded(lead: OutgoingLead, reason: str, code: str, surviving: str = "") -> Outcome:
    """Not sent again until an editor lifts it."""
    return Outcome(
        Kind.EXCLUDED,
        lead.link_id,
        lead.contact_id,
        lead.version,
        lead.lead_id,
        attempts=lead.attempts + 1,
        code=code,
        excluded_reason=reason,
        surviving_lead_id=surviving,
    )


def renewed(lead: OutgoingLead) -> Outcome:
    """The lead was deleted, and by the settings a new one is made."""
    return Outcome(Kind.RENEWED, lead.link_id, lead.contact_id, lead.version)


def postponed(lead: OutgoingLead, code: str, message: str) -> Outcome:
    """Tried again by itself: after 1, 2, 4 … minutes, at most six hours."""
    attempts = lead.attempts + 1
    return Outcome(
        Kind.POSTPONED,
        lead.link_id,
        lead.contact_id,
        lead.version,
        lead.lead_id,
        lead.fingerprint,
        attempts=attempts,
        code=code,
        message=message,
        wait=back_off(attempts),
    )


def back_off(attempts: int) -> timedelta:
    """How long to leave a row alone after so many failures in a row (1 or more)."""
    return min(timedelta(minutes=2 ** min(attempts - 1, 10)), timedelta(hours=6))


def refused(lead: OutgoingLead, result: RowResult) -> Outcome:
    """Salesforce refused the row. Personal values leave the message."""
    return suspended(lead, result.code, redact(result.message, lead.payload.values()))
