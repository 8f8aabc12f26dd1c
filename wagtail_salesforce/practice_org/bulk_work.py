"""What Salesforce does with a job once its upload is complete: rows in chunks of 200.

Source: Bulk API 2.0 guide, "How Requests Are Processed": a chunk of 200 records at a time; a row
that fails spoils neither its job nor its chunk.
"""

from collections import Counter
from dataclasses import dataclass, replace

from .bulk_csv import BadContent, read_content
from .bulk_job import COMPLETE, FAILED, RUNNING, IngestJob
from .bulk_values import record_of
from .errors import RowError, RowErrors, row_error
from .external_ids import find_ids
from .fields import FieldSpec
from .ids import normalise
from .save import Saver
from .schema import ObjectSpec
from .tables import index_key
from .wire import Call


CHUNK = 200
DELETING = frozenset({"delete", "hardDelete"})


def work_on(job: IngestJob, call: Call) -> None:
    """Go on with a job for as many rows as the options let it do at one look."""
    # Assumption bulk-pace: time passes by looks at the job, `bulk_rows_at_once` rows in each.
    fault = call.org.faults.strike({"job_failed"}, call.path)
    if fault is not None:
        job.state, job.error = FAILED, fault.message
        return
    try:
        _advance(job, call)
    except BadContent as wrong:
        job.state, job.error = FAILED, str(wrong)


def _advance(job: IngestJob, call: Call) -> None:
    if job.state != RUNNING:
        job.state = RUNNING
        read_content(job)
    worker = _Worker(job, replace(call, headers=_headers(job)), _columns(job, call))
    last = min(job.at + max(call.org.options.bulk_rows_at_once, CHUNK), len(job.rows))
    while job.at < last:
        worker.chunk(range(job.at, min(job.at + CHUNK, len(job.rows))))
    if job.at >= len(job.rows):
        job.state = COMPLETE


def _headers(job: IngestJob) -> dict[str, str]:
    # Assumption bulk-assignment: without assignmentRuleId in the job no assignment rule runs.
    return {"sforce-auto-assign": job.assignment_rule_id or "FALSE"}


def _columns(job: IngestJob, call: Call) -> list[FieldSpec]:
    """The fields of the columns; an unknown one spoils the job before its first row."""
    spec = call.object(job.object)
    found = [spec.find(name.strip()) for name in job.header]
    for name, field in zip(job.header, found, strict=True):
        if field is None:
            raise BadContent(f"InvalidBatch : Field name not found : {name}")
    columns = [field for field in found if field is not None]
    # Assumption bulk-missing-key: a file without the column of its key fails like one of an unknown field.
    key = _key_name(job)
    if key and key.lower() not in (field.name.lower() for field in columns):
        raise BadContent(f"InvalidBatch : Field name not found : {key}")
    return columns


def _key_name(job: IngestJob) -> str:
    if job.operation == "insert":
        return ""
    return job.external_id_field if job.operation == "upsert" else "Id"


@dataclass
class _Worker:
    """Saves the rows of one job."""

    job: IngestJob
    call: Call
    columns: list[FieldSpec]

    def __post_init__(self) -> None:
        self.spec: ObjectSpec = self.call.object(self.job.object)
        self.saver = Saver(self.call, self.spec)
        self.key = self.spec.find(_key_name(self.job)) if _key_name(self.job) else None

    def chunk(self, numbers: range) -> None:
        repeated = self._repeated(numbers)
        for number in numbers:
            self._row(number, repeated)
        self.job.at = numbers.stop
        self.call.rows += len(numbers)

    def _repeated(self, numbers: range) -> set[str]:
        """The keys that a chunk names twice: both rows are refused, as in a Collections call."""
        if self.key is None:
            return set()
        place = [field.name for field in self.columns].index(self.key.name)
        rows = (self.job.rows[number] for number in numbers)
        keys = Counter(self._folded(cells[place]) for cells in rows if len(cells) > place)
        return {key for key, count in keys.items() if count > 1 and key}

    def _folded(self, value: str) -> str:
        assert self.key is not None
        return str(index_key(value, self.key.case_sensitive))

    def _row(self, number: int, repeated: set[str]) -> None:
        cells = self.job.rows[number]
        wrong = self.job.malformed.get(number)
        if wrong is not None:
            self.job.failed.append(("", wrong, cells))
            return
        try:
            record_id, created = self._save(cells, repeated)
        except RowErrors as refused:
            self.job.failed.append(("", _told(refused.errors[0]), cells))
        else:
            self.job.succeeded.append((record_id, created, cells))

    def _save(self, cells: list[str], repeated: set[str]) -> tuple[str, bool]:
        record = record_of(self.columns, cells)
        if self.key is None:
            return str(self.saver.create(record)["Id"]), True
        key = record.get(self.key.name)
        if not key:
            # Assumption blank-key: the code of a blank external id.
            raise row_error("MISSING_ARGUMENT", f"{self.key.name} not specified")
        if self._folded(str(key)) in repeated:
            text = f"Duplicate external id specified: {key}"
            raise row_error("DUPLICATE_VALUE", text, self.key.name)
        own = frozenset({self.key.name.lower()})
        if self.job.operation == "upsert":
            return self._upsert(str(key), record, own)
        record_id = normalise(str(key)) or str(key)
        if self.job.operation in DELETING:
            return str(self.saver.delete(record_id)["Id"]), False
        return str(self.saver.update(record_id, record, own)["Id"]), False

    def _upsert(self, key: str, record: dict[str, object], own: frozenset[str]) -> tuple[str, bool]:
        assert self.key is not None
        found = find_ids(self.saver.table, self.key, key)
        if len(found) > 1:
            text = f"{self.key.title}: more than one record found for external id field:"
            raise row_error("DUPLICATE_EXTERNAL_ID", f"{text} [{', '.join(found)}]")
        if found:
            return str(self.saver.update(found[0], record, own)["Id"]), False
        return str(self.saver.create(record)["Id"]), True


def _told(error: RowError) -> str:
    """As recorded: ``CODE:message:fields --``."""
    return f"{error.code}:{error.message}:{','.join(error.fields)} --"
