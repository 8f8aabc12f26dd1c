"""Reads what a Bulk job came to, by the rules of every other answer, and records it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any, BinaryIO

from django.utils.translation import gettext

from wagtail_salesforce.contacts import bulk
from wagtail_salesforce.exceptions import ConnectorError, Transient
from wagtail_salesforce.replication.answers import DRIFT, Reading, masters, read_answers
from wagtail_salesforce.replication.bulk_carrier import Carrier
from wagtail_salesforce.replication.bulk_inside import Found, Inside
from wagtail_salesforce.replication.bulk_job import BulkJob
from wagtail_salesforce.replication.bulk_mark import shortened_of
from wagtail_salesforce.replication.claim import WINDOW
from wagtail_salesforce.replication.extensions import OutgoingLead
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings
from wagtail_salesforce.replication.outcomes import COUNTED, Kind
from wagtail_salesforce.replication.runs import beat
from wagtail_salesforce.replication.sender import Sender
from wagtail_salesforce.replication.shortened import note_shortened
from wagtail_salesforce.replication.telling import tell
from wagtail_salesforce.replication.transports import Call
from wagtail_salesforce.results import RowResult
from wagtail_salesforce.salesforce.bulk import BulkJob as Told
from wagtail_salesforce.salesforce.bulk import Results
from wagtail_salesforce.salesforce.bulk_results import read_rows, refusal
from wagtail_salesforce.signals import after_batch


SUCCEEDED: Results = "successfulResults"
FAILED: Results = "failedResults"


@dataclass
class BulkReader:
    """Reads the results of one job. What has been recorded before is left alone."""

    sender: Sender
    carrier: Carrier
    job: BulkJob
    inside: Inside

    def __post_init__(self) -> None:
        self.kind = Kind.UPDATED if self.job.operation == "update" else Kind.CREATED
        self.recorder = replace(
            self.sender.recorder,
            claimant="",
            job=self.job.pk,
            doubtful_until=self.job.doubtful_until,
            doubtful={},
        )

    def read(self, told: Told) -> ConnectorError | None:
        """Record every row; what the run has to stop for, if anything.

        Rows that neither file has, and those that have to go another way, stay in the job.
        """
        stop = None
        for kind in self._kinds(told):
            with tempfile.TemporaryFile() as file:
                self.carrier.fetch(self.job, kind, file)
                stop = self._read_file(file, kind) or stop
        return stop

    def _read_file(self, file: BinaryIO, kind: Results) -> ConnectorError | None:
        """Record the rows of one file; what the run has to stop for, if anything."""
        with closing(read_rows(file)) as rows:
            return self._read_rows(rows, kind)

    def _read_rows(self, rows: Iterator[list[str]], kind: Results) -> ConnectorError | None:
        """Record rows window by window; the next one is read meanwhile."""
        stop, header = None, next(rows, [])
        place = self._place(header)
        found_in = (self.inside.found(window, place) for window in iter(partial(_window, rows), []))
        parts = ((found, self._plain(found, kind)) for found in found_in)
        with closing(self.sender.flights.ahead(parts)) as ahead:
            for found, plain in ahead:
                if plain is None or not self._settle_plain(plain):
                    stop = self._settle(list(_results(header, found, kind, self.job))) or stop
        return stop

    def _kinds(self, told: Told) -> Iterator[Results]:
        if told.state == "JobComplete" or told.processed > told.failed:
            yield SUCCEEDED
        if told.failed:
            yield FAILED

    def _plain(self, found: Found, kind: Results) -> list[tuple[int, str]] | None:
        """The link ids and lead ids of a window of successes, which say all that is recorded.

        None when more has to be known, as where a lead was there already or a value was shortened.
        """
        if kind == FAILED or self.inside.any_shortened(found):
            return None
        if self.kind is Kind.CREATED and any(cells[1] != "true" for cells in found.values()):
            return None
        return sorted((link_id, cells[0]) for link_id, cells in found.items())

    def _settle_plain(self, accepted: list[tuple[int, str]]) -> bool:
        """Record a window by what is plain; False, with nothing done, when more has to be known.

        That is where somebody listens, or all is to be sent once more.
        """
        if after_batch.has_listeners(Sender):
            return False
        self.sender.hold_on()
        if not self.recorder.record_in_job(accepted):
            return False
        self.sender.counts[self.kind.value] += len(accepted)
        beat(self.sender.run)
        return True

    def _place(self, header: list[str]) -> int:
        """Which column says whose row it is."""
        wanted = "Id" if self.job.operation == "update" else self.job.external_id_field
        names = [name.lower() for name in header]
        if wanted.lower() not in names:
            raise Transient(gettext("Salesforce's answer could not be read."))
        return names.index(wanted.lower())

    def _settle(self, results: list[tuple[OutgoingLead, RowResult]]) -> ConnectorError | None:
        settings = self.sender.settings
        told = [(lead, result) for lead, result in results if not _elsewhere(result, settings)]
        if not told:
            return None
        call = Call([[lead for lead, _result in told]])
        answers: list[Any] = [[result for _lead, result in told]]
        reading = read_answers(call, answers, self._find_masters, settings)
        self._record(reading)
        return reading.stop

    def _record(self, reading: Reading) -> None:
        sender = self.sender
        sender.hold_on()
        self.recorder.record(reading.outcomes)
        kinds = (outcome.kind for outcome in reading.outcomes)
        sender.counts.update(kind.value for kind in kinds if kind in COUNTED)
        note_shortened(reading.sent)
        beat(sender.run)
        tell(after_batch, Sender, run=sender.run, outcomes=reading.outcomes)

    def _find_masters(self, lead_ids: list[str]) -> dict[str, str]:
        return self.carrier.ask(partial(masters, lead_ids, self.sender.client))


def _window(rows: Iterator[list[str]]) -> list[list[str]]:
    return list(islice(rows, WINDOW))


def _results(
    header: list[str], found: Found, kind: Results, job: BulkJob
) -> Iterator[tuple[OutgoingLead, RowResult]]:
    """The rows that are still in the job, each as the lead it was and the answer to it."""
    for lead in _leads(found, job):
        cells = found[lead.link_id]
        made = kind == SUCCEEDED and cells[1] == "true"
        if not made:
            # What was left out, and what an error may repeat.
            lead.payload = _payload(header, cells)
        if kind == SUCCEEDED:
            yield lead, RowResult(True, cells[0], made)
        else:
            yield lead, refusal(cells[0], cells[1])


def _leads(found: Found, job: BulkJob) -> list[OutgoingLead]:
    """The leads of these rows as they were read when the job was made."""
    links = LeadLink.objects.filter(pk__in=bulk.among(list(found), "bigint"), job=job.pk)
    rows = {row["pk"]: row for row in links.values(*COLUMNS)}
    return [_lead(rows[link_id]) for link_id in found if link_id in rows]


COLUMNS = (
    "pk",
    "contact_id",
    "external_id",
    "lead_id",
    "job_version",
    "job_fingerprint",
    "job_shortened",
    "attempts",
)


def _payload(header: list[str], cells: list[str]) -> dict[str, str | None]:
    """The own columns of a row of results, as texts; None where a cell is empty."""
    return {name: cell or None for name, cell in zip(header[2:], cells[2:], strict=False)}


def _lead(row: dict[str, Any]) -> OutgoingLead:
    return OutgoingLead(
        row["pk"],
        # None for a contact that was erased or merged meanwhile.
        row["contact_id"] or 0,
        row["external_id"],
        row["lead_id"],
        row["job_version"],
        row["job_fingerprint"],
        row["attempts"],
        {},
        shortened=shortened_of(row["job_shortened"]),
    )


def _elsewhere(result: RowResult, settings: ReplicationSettings) -> bool:
    """Whether another way to send the row tells more, or can do what Bulk cannot.

    A value of the wrong type has the code of a missing field here; and no header of a Bulk job
    lets duplicates be saved (Bulk API 2.0 guide: request headers).
    """
    if result.success:
        return False
    saves = settings.duplicates == ReplicationSettings.Duplicates.SAVE
    return result.code in DRIFT or (saves and result.code == "DUPLICATES_DETECTED")
