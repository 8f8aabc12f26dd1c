"""The job that imports a file: one batch of rows in each step."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from wagtail_salesforce.contacts import activity_types
from wagtail_salesforce.contacts.importing.batch import ACTIVITY_TYPE, Manner, write
from wagtail_salesforce.contacts.importing.cells import Draft, RowReader
from wagtail_salesforce.contacts.importing.files import (
    FORGET,
    forget_in_time,
    layout_for,
    opener,
)
from wagtail_salesforce.contacts.importing.lines import Place
from wagtail_salesforce.contacts.importing.options import Options
from wagtail_salesforce.contacts.importing.records import Records, Row
from wagtail_salesforce.contacts.models import ContactImport, ImportedAddress, ImportRefusal
from wagtail_salesforce.contacts.wording import in_site_language
from wagtail_salesforce.jobs import Step, register, start
from wagtail_salesforce.jobs.models import Job


IMPORT = "import_contacts"
PERMISSION = "wagtail_salesforce.import_contact"
ROWS = 2_000
#: A step with very long rows ends earlier, so that it needs no more memory.
STEP_BYTES = 4 * 1024 * 1024
COUNTS = {"notes": _("notes"), "repeated": _("with an address that occurred before")}


def register_jobs() -> None:
    """Make the jobs and the activity of imports known."""
    activity_types.register(ACTIVITY_TYPE, _("Contact import"))
    register(
        IMPORT,
        import_step,
        label=_("Importing contacts"),
        permission=PERMISSION,
        counts=COUNTS,
        cancelled=_clean_up,
    )
    register(FORGET, forget_in_time, label=_("Deleting an imported file"), permission=PERMISSION)


@transaction.atomic
def start_import(
    contact_import: ContactImport, *, dry_run: bool, user: Any = None, queue: bool = True
) -> Job:
    """Begin a run over the file; what an earlier one reported is deleted.

    Without `queue` the caller does the work with `run_job`.
    """
    ImportRefusal.objects.filter(contact_import=contact_import).delete()
    ImportedAddress.objects.filter(contact_import=contact_import).delete()
    about: dict[str, Any] = {
        "kind": IMPORT,
        "parameters": {"import": contact_import.pk, "dry_run": dry_run},
        "subject": f"import:{contact_import.pk}",
        "total": max(contact_import.lines, 1),
    }
    job = start(**about, user=user) if queue else Job.objects.create(**about, started_by=user)
    contact_import.job, contact_import.dry_run = job, dry_run
    contact_import.save(update_fields=["job", "dry_run"])
    return job


def import_step(job: Job, cursor: Any) -> Step:
    """Import the next rows. The cursor is the place of the row that follows."""
    # Held, so that it is not deleted while its rows are written (see `contacts.erase`).
    held = ContactImport.objects.select_for_update()
    contact_import = held.get(pk=job.parameters["import"])
    options = Options.of_json(contact_import.options)
    layout = layout_for(contact_import, options)
    place = Place(**cursor) if cursor else layout.start
    records = layout.records(opener(contact_import), place)
    with in_site_language():
        reader = RowReader(layout.header, contact_import.targets, options)
        slice_ = _Slice(reader, layout.header)
        slice_.take(records)
        outcome = write(slice_.drafts, _manner(contact_import, options, job))
    _store(contact_import, slice_, outcome.notes)
    counts = outcome.counts + Counter(refused=len(slice_.refused), notes=len(outcome.notes))
    return _step(job, records, slice_, counts)


def _step(job: Job, records: Records, slice_: _Slice, counts: Counter[str]) -> Step:
    place = records.place
    cursor = {"offset": place.offset, "line": place.line}
    if not slice_.ended:
        return Step(cursor, done=slice_.rows, counts=counts)
    _clean_up(job)
    done = job.done + slice_.rows
    return Step(cursor, done=slice_.rows, counts=counts, total=done, finished=True)


def _manner(contact_import: ContactImport, options: Options, job: Job) -> Manner:
    return Manner(
        contact_import.pk,
        overwrite=options.overwrite,
        record_activity=options.record_activity,
        dry_run=job.parameters["dry_run"],
        title=contact_import.name,
    )


@dataclass
class _Slice:
    """The rows of one step, read, with those that are refused."""

    reader: RowReader
    header: list[str]
    drafts: list[Draft] = field(default_factory=list)
    refused: list[tuple[Row, str]] = field(default_factory=list)
    ended: bool = False

    @property
    def rows(self) -> int:
        return len(self.drafts) + len(self.refused)

    def take(self, records: Records) -> None:
        last = records.place.offset + STEP_BYTES
        while self.rows < ROWS and records.place.offset < last:
            row = next(records, None)
            if row is None:
                self.ended = True
                return
            self._read(row)

    def _read(self, row: Row) -> None:
        if not row.problem and not any(map(str.strip, row.cells)):
            return  # only delimiters: as good as an empty line
        try:
            self.drafts.append(self._draft(row))
        except ValueError as error:
            self.refused.append((row, str(error)))

    def _draft(self, row: Row) -> Draft:
        if row.problem:
            raise ValueError(row.problem)
        if [cell.strip() for cell in row.cells[: len(self.header)]] == self.header:
            raise ValueError(str(_("The header stands here once more. Nothing needs doing.")))
        return self.reader.read(row.line, row.cells)


def _store(contact_import: ContactImport, slice_: _Slice, notes: list[tuple[int, str]]) -> None:
    refused = [
        ImportRefusal(
            contact_import=contact_import, line=row.line, reason=reason, cells=_cells(row)
        )
        for row, reason in slice_.refused
    ]
    noted = [
        ImportRefusal(contact_import=contact_import, line=line, reason=note, is_note=True)
        for line, note in notes
    ]
    ImportRefusal.objects.bulk_create(refused + noted)


def _cells(row: Row) -> list[str]:
    # Neither half characters nor NUL can be stored.
    return [cell.replace("\0", "").encode("utf-8", "replace").decode() for cell in row.cells]


def _clean_up(job: Job) -> None:
    """The hashes of the addresses are needed no more."""
    ImportedAddress.objects.filter(contact_import_id=job.parameters["import"]).delete()
