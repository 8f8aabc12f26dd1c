"""Gathers what is due into the files of Bulk jobs, window by window."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO

from django.utils import timezone

from wagtail_salesforce.replication import interruption
from wagtail_salesforce.replication.bulk_csv import Rows, encoded, names_of, rows_of
from wagtail_salesforce.replication.bulk_job import BulkJob
from wagtail_salesforce.replication.bulk_jobs import holder_of, put_back, widen
from wagtail_salesforce.replication.bulk_mark import mark
from wagtail_salesforce.replication.claim import windows
from wagtail_salesforce.replication.extensions import OutgoingLead
from wagtail_salesforce.replication.sender import Sender
from wagtail_salesforce.replication.telling import tell
from wagtail_salesforce.replication.walk import Walk, revision_of
from wagtail_salesforce.salesforce.bulk import MOST_BYTES
from wagtail_salesforce.signals import before_batch


#: A job costs as many API calls as Composites for so many rows, and takes longer.
FEW = 2000
#: Rows of a job. Salesforce takes twice as many, but the results of one job are recorded while
#: Salesforce works on the next.
ROWS = 50_000
#: Characters of the header. Bulk API 2.0 guide, "Prepare CSV Files": 32,000.
MOST_HEADER = 31_000


@dataclass
class Sheet:
    """A job in the making: its row in the database, and its rows in a file without a name."""

    job: BulkJob
    key: str
    names: list[str]
    file: IO[bytes] = field(default_factory=tempfile.TemporaryFile)
    rows: int = 0
    size: int = 0

    def __post_init__(self) -> None:
        self.write(encoded([[self.key, *self.names]]), 0)

    def write(self, data: bytes, rows: int) -> None:
        """Add so many rows."""
        self.file.write(data)
        self.rows += rows
        self.size += len(data)

    def has_room(self, rows: int, size: int) -> bool:
        return self.rows + rows <= ROWS and self.size + size <= MOST_BYTES


Sheets = Generator[Sheet, None, None]


class Filler:
    """One pass over what is due: leads that exist first, then new ones.

    `few` is how many rows are not worth a job of their own. `over` says that the pass was broken
    off, because the time was up or the settings were saved meanwhile.
    """

    def __init__(self, walk: Walk, few: int) -> None:
        self.walk, self.few = walk, few
        self.sender = walk.sender
        self.over = False
        self._sheet: Sheet | None = None
        self._names: list[str] = []

    def sheets(self, deadline: float) -> Sheets:
        """The jobs, each as soon as it is full. Its file is the caller's to close."""
        cutoff = timezone.now()
        try:
            for updates in (True, False):
                yield from self._of_kind(updates, cutoff, deadline)
                if self.over:
                    return
        finally:
            if self._sheet is not None:
                self._sheet.file.close()
            # What no job can carry is still to be sent, by ourselves or others.
            self.sender.claims.release()

    def _of_kind(self, updates: bool, cutoff: datetime, deadline: float) -> Sheets:
        selection, claimant = self.walk.selection, self.sender.claims
        found = windows(cutoff, updates=updates, selection=selection, claimant=claimant)
        for window in found:
            interruption.check()
            changed = revision_of() != self.walk.known
            if not changed:
                prepared = self.walk.preparer.prepare(window)
                self.sender.settle(prepared.outcomes)
                yield from self._add(prepared.leads, updates)
            if changed or time.monotonic() > deadline:
                self.over = True
            if self.over:
                break
        yield from self._finished()

    def _finished(self) -> Sheets:
        """The last sheet of a kind, unless it is too small for a job."""
        sheet, self._sheet = self._sheet, None
        if sheet is None:
            return
        if sheet.rows and (self.over or sheet.rows >= self.few):
            yield sheet
            return
        sheet.file.close()
        put_back(sheet.job, self.sender.lease)
        sheet.job.delete()

    def _add(self, leads: list[OutgoingLead], updates: bool) -> Sheets:
        """Put leads into the sheet; one that is full is handed out and another begun."""
        doubtful = self.sender.claims.doubtful
        if doubtful:
            # These are sent once more afterwards, which is for Composite to see to.
            leads = [lead for lead in leads if lead.link_id not in doubtful]
        key = "Id" if updates else self.sender.external_id_field
        self._names = names_of(leads, self._names)
        if len(",".join(self._names)) > MOST_HEADER:
            return
        for rows in rows_of(leads, key, self._names):
            yield from self._with_room(key, rows)
            if self.over:
                # Still to be sent, by what has been saved since.
                return
            self._write(rows)

    def _with_room(self, key: str, rows: Rows) -> Sheets:
        sheet, names = self._sheet, self._names
        if sheet and not (sheet.names == names and sheet.has_room(len(rows.leads), len(rows.data))):
            self._sheet = None
            yield sheet
            # Until the next sheet is wanted, jobs may have been waited for.
            self.over = revision_of() != self.walk.known
        if self._sheet is None and not self.over:
            self._sheet = Sheet(self._new_job(key), key, names)

    def _new_job(self, key: str) -> BulkJob:
        sender = self.sender
        return BulkJob.objects.create(
            org_id=sender.settings.org_id,
            operation="update" if key == "Id" else "upsert",
            external_id_field=sender.external_id_field,
            run=sender.run,
            holder=holder_of(sender.lease),
            doubtful_until=sender.lease.again_at(timezone.now()),
        )

    def _write(self, rows: Rows) -> None:
        """Mark them as under way, then write those that are. A crash in between loses nothing."""
        sheet, sender, leads = self._sheet, self.sender, rows.leads
        assert sheet is not None
        tell(before_batch, Sender, run=sender.run, leads=leads)
        sender.hold_on()
        widen(sheet.job, sender.lease, [lead.link_id for lead in leads])
        marked = mark(sheet.job, leads, sender.lease, sender.claimant)
        sender.claims.let_go(lead.link_id for lead in marked)
        sheet.write(rows.of(marked), len(marked))
