"""Packs leads into API calls, and reads what came back.

Known lead: update by Salesforce id, so that converted and deleted leads are noticed. No lead
yet: upsert by external id, so that a lost answer or a crash never makes a second lead.
One Composite of up to five Collections carries up to 1,000 of both kinds
(REST guide: composite/sobjects takes 200 records, composite five Collections, one API call).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from wagtail_salesforce.exceptions import RequestRefused
from wagtail_salesforce.replication.extensions import OutgoingLead
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.results import RowResult
from wagtail_salesforce.salesforce.client import Chunk


CHUNK_SIZE = 200
CHUNKS = 5
OBJECT = "Lead"


@dataclass
class Call:
    """One API call: groups of leads, each of one kind and at most 200."""

    groups: list[list[OutgoingLead]] = field(default_factory=list)
    #: How often locked rows of this call have been sent already.
    tries: int = 1
    #: Whether it is tried only once: it is a part of one that failed, or Salesforce may be away.
    hurried: bool = False

    @property
    def leads(self) -> list[OutgoingLead]:
        """All its leads, in the order they are sent."""
        return [lead for group in self.groups for lead in group]

    def again_with(self, leads: list[OutgoingLead]) -> Call:
        """A call with only these of our leads, after one more try."""
        again, _none = take_call(leads, 1000)
        again.tries = self.tries + 1
        return again

    @property
    def pause(self) -> float:
        """Seconds to wait before it is sent: locked rows need a moment, each time a longer one."""
        return 0.0 if self.tries == 1 else random.uniform(0.1, 0.2) * 2**self.tries  # noqa: S311

    def chunks(self, external_id_field: str) -> list[Chunk]:
        """The groups as the client sends them."""
        return [_chunk(group, external_id_field) for group in self.groups]

    def __len__(self) -> int:
        return sum(len(group) for group in self.groups)


def take_call(pending: list[OutgoingLead], batch_size: int) -> tuple[Call, list[OutgoingLead]]:
    """Take as many leads from the front as one call carries; also what is left."""
    call, taken = Call(), 0
    most = CHUNKS if batch_size > CHUNK_SIZE else 1
    for lead in pending[:batch_size]:
        if _wants_group(call, lead):
            if len(call.groups) == most:
                break
            call.groups.append([])
        call.groups[-1].append(lead)
        taken += 1
    return call, pending[taken:]


def _wants_group(call: Call, lead: OutgoingLead) -> bool:
    if not call.groups:
        return True
    last = call.groups[-1]
    return len(last) == CHUNK_SIZE or bool(last[0].lead_id) != bool(lead.lead_id)


def halves(group: list[OutgoingLead], *, hurried: bool = False) -> Call:
    """A group that was refused as a whole, in two, to close in on the row that is to blame."""
    middle = len(group) // 2
    return Call([group[:middle], group[middle:]], hurried=hurried)


def divided(leads: list[OutgoingLead], *, hurried: bool = True) -> list[Call]:
    """Two calls of half the leads each, for a call of them all that came to nothing.

    Two calls and not one, because the whole request failed. Each is tried once, if `hurried`.
    """
    middle = len(leads) // 2
    calls = [take_call(part, 1000)[0] for part in (leads[:middle], leads[middle:])]
    for call in calls:
        call.hurried = hurried
    return calls


def _chunk(group: list[OutgoingLead], external_id_field: str) -> Chunk:
    if group[0].lead_id:
        return Chunk("update", OBJECT, "", [_update(lead) for lead in group])
    records = [_upsert(lead, external_id_field) for lead in group]
    return Chunk("upsert", OBJECT, external_id_field, records)


ATTRIBUTES = {"type": OBJECT}


def _update(lead: OutgoingLead) -> dict[str, Any]:
    """An update clears what is empty. Whose lead it is comes last, so that it holds."""
    return {"attributes": ATTRIBUTES, **lead.payload, "Id": lead.lead_id}


def _upsert(lead: OutgoingLead, external_id_field: str) -> dict[str, Any]:
    """A new lead leaves out what is empty, so that the org's defaults apply."""
    values = {name: value for name, value in lead.payload.items() if value is not None}
    return {**values, "attributes": ATTRIBUTES, external_id_field: lead.external_id}


def headers(settings: ReplicationSettings) -> dict[str, str]:
    """The headers of every call and subrequest.

    `Sforce-Auto-Assign` is always there: absent means TRUE at Salesforce (REST guide:
    assignment rule header).
    """
    rule = {"off": "FALSE", "active": "TRUE"}.get(settings.assignment_rule)
    chosen = {"Sforce-Auto-Assign": rule or settings.assignment_rule}
    if settings.duplicates == ReplicationSettings.Duplicates.SAVE:
        chosen["Sforce-Duplicate-Rule-Header"] = "allowSave=true"
    return chosen


def paired(
    group: list[OutgoingLead], results: list[RowResult]
) -> Iterator[tuple[OutgoingLead, RowResult]]:
    """Results answer in request order (REST guide: sObject Collections)."""
    return zip(group, results, strict=True)


Answer = list[RowResult] | RequestRefused
