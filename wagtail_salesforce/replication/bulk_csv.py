"""Leads as the rows of a Bulk job. Pure.

Bulk API 2.0 guide, "Prepare CSV Files": an empty cell leaves the field as it is (a new record gets
the field's default), `#N/A` clears it. So a row says exactly what the JSON of a Collections call
would; a lead whose payload has no such form goes by Collections.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from wagtail_salesforce.replication.extensions import OutgoingLead
from wagtail_salesforce.salesforce.bulk import CLEARED, MOST_BYTES, MOST_IN_CELL


#: Characters of one record. Bulk API 2.0 guide, limits: 400,000.
MOST_CHARACTERS = 390_000

Cells = list[str]
_ABSENT = object()


def names_of(leads: Iterable[OutgoingLead], known: Iterable[str] = ()) -> list[str]:
    """The fields that these leads write, after those that are known already."""
    names = dict.fromkeys(known)
    for lead in leads:
        if not lead.payload.keys() <= names.keys():
            names.update(dict.fromkeys(lead.payload))
    return list(names)


def cells_of(lead: OutgoingLead, key: str, names: list[str]) -> Cells | None:
    """The row of a lead: what it is known by, then the fields; None when it has no such form.

    An update clears what is empty; a new lead leaves it out, so that the org's defaults apply.
    """
    if key in lead.payload:
        return None
    value_of, cleared = lead.payload.get, CLEARED if lead.lead_id else ""
    cells = [lead.lead_id or lead.external_id]
    for name in names:
        value = value_of(name, _ABSENT)
        # Most values are texts that stand for themselves.
        if value.__class__ is str and value and value[0] != "#":
            cells.append(value)
            continue
        cell = _cell(value, cleared)
        if cell is None:
            return None
        cells.append(cell)
    return cells if _has_room(cells) else None


def _has_room(cells: Cells) -> bool:
    size = sum(map(len, cells))
    if size <= MOST_IN_CELL:
        return True
    return size <= MOST_CHARACTERS and max(map(len, cells)) <= MOST_IN_CELL


def _cell(value: Any, cleared: str) -> str | None:
    if value.__class__ is str:
        # An empty text would leave the field as it is, and Salesforce's word for "cleared" clear it.
        if value[:1] == "#" and value.upper() == CLEARED:
            return None
        return value or CLEARED
    if value is None:
        return cleared
    if value is _ABSENT:
        return ""
    return _number(value)


def _number(value: Any) -> str | None:
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, str):
        return _cell(str(value), "")
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return repr(value)
    return None


def encoded(rows: Iterable[Cells]) -> bytes:
    """The rows as CSV: UTF-8, LF, quoted where needed."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


@dataclass(frozen=True)
class Rows:
    """Leads, their rows by link id, and all of these as CSV."""

    leads: list[OutgoingLead]
    cells: dict[int, Cells]
    data: bytes

    def of(self, leads: list[OutgoingLead]) -> bytes:
        """The CSV of some of them."""
        if len(leads) == len(self.leads):
            return self.data
        return encoded(self.cells[lead.link_id] for lead in leads)


def rows_of(leads: list[OutgoingLead], key: str, names: list[str]) -> list[Rows]:
    """The rows of leads, without those that have no such form, in parts that half fill a job."""
    made = ((lead, cells_of(lead, key, names)) for lead in leads)
    cells = {lead.link_id: row for lead, row in made if row is not None}
    data = encoded(cells.values())
    if len(data) > MOST_BYTES // 2:
        half = len(leads) // 2
        return rows_of(leads[:half], key, names) + rows_of(leads[half:], key, names)
    fit = [lead for lead in leads if lead.link_id in cells]
    return [Rows(fit, cells, data)] if fit else []
