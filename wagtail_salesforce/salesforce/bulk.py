"""Bulk API 2.0: jobs of up to 100,000 rows that Salesforce works on by itself.

Bulk API 2.0 guide: a job is created, its CSV uploaded at once, and closed; then one looks at it
until it has ended, and fetches three files: rows that succeeded, that failed, and that were not
processed. Every request counts as one API call. Both ways the CSV is streamed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Literal

import orjson
from django.utils.translation import gettext

from wagtail_salesforce.exceptions import RequestRefused, Transient
from wagtail_salesforce.salesforce.bulk_results import ResultRow, rows_of, save
from wagtail_salesforce.salesforce.collections import api_name, record_id
from wagtail_salesforce.salesforce.org_session import OrgSession
from wagtail_salesforce.salesforce.retry import Retry


Operation = Literal["insert", "update", "upsert", "delete"]
#: The files of results: rows that were saved, refused, and never come to.
Results = Literal["successfulResults", "failedResults", "unprocessedrecords"]

#: What clears a value; an empty cell leaves it as it is. Bulk API 2.0 guide, "Prepare CSV Files".
CLEARED = "#N/A"
MOST_ROWS = 100_000
#: 150 MB once encoded in base64, so this many bytes of CSV.
MOST_BYTES = 100_000_000

#: Characters of a cell. Salesforce takes 131,072 (Bulk API 2.0 guide, limits), and Python's `csv`
#: reads as many; but an error in the results repeats the value, with some words around it.
MOST_IN_CELL = 130_000

WAITING = frozenset({"UploadComplete", "InProgress"})
ENDED = frozenset({"JobComplete", "Failed", "Aborted"})


@dataclass(frozen=True)
class BulkJob:
    """A job as Salesforce tells of it. `processed` includes the `failed` rows.

    `state` is Open, UploadComplete, InProgress, JobComplete, Failed or Aborted; `error` is
    Salesforce's own text when the job as a whole has failed.
    """

    id: str
    state: str
    processed: int = 0
    failed: int = 0
    error: str = ""

    @property
    def has_ended(self) -> bool:
        """Whether the results may be fetched."""
        return self.state in ENDED


class BulkJobs:
    """The jobs of one org. Raises what every call of the client raises."""

    def __init__(self, session: OrgSession, base_url: str, retry: Retry) -> None:
        self._session = session
        self._base = f"{base_url}jobs/ingest"
        self._retry = retry

    def create(
        self,
        object_name: str,
        operation: Operation,
        *,
        external_id_field: str = "",
        assignment_rule_id: str = "",
    ) -> BulkJob:
        """A new job, open for its upload.

        Not repeated when the answer got lost: the job that may have been made stays open and
        empty, and Salesforce forgets it.
        """
        asked = {"object": api_name(object_name), "operation": operation, "contentType": "CSV"}
        if external_id_field:
            asked["externalIdFieldName"] = api_name(external_id_field)
        if assignment_rule_id:
            asked["assignmentRuleId"] = record_id(assignment_rule_id)
        return self._retry.call(lambda: self._json("POST", "", asked), idempotent=False)

    def upload(self, job_id: str, file: BinaryIO) -> None:
        """Send the CSV (UTF-8, LF, header of API names), read from the file's present place.

        Not repeated when the answer got lost, since a job takes one upload: abort it then.
        """
        start = file.tell()

        def put() -> None:
            file.seek(start)
            path = f"/{record_id(job_id)}/batches"
            self._send("PUT", path, data=file, headers={"Content-Type": "text/csv"})

        self._retry.call(put, idempotent=False)

    def close(self, job_id: str) -> BulkJob:
        """The upload is complete: Salesforce begins. Closing a closed job changes nothing."""
        return self._retry.call(lambda: self._close(job_id))

    def _close(self, job_id: str) -> BulkJob:
        try:
            return self._json("PATCH", f"/{record_id(job_id)}", {"state": "UploadComplete"})
        except RequestRefused:
            # The first of two tries may have been carried out, and only its answer lost.
            job = self.look(job_id)
            if job.state in WAITING or job.state == "JobComplete":
                return job
            raise

    def look(self, job_id: str) -> BulkJob:
        """How far the job is."""
        return self._retry.call(lambda: self._json("GET", f"/{record_id(job_id)}"))

    def abort(self, job_id: str) -> BulkJob:
        """Stop a job that has not ended. Rows that are done stay done."""
        return self._json("PATCH", f"/{record_id(job_id)}", {"state": "Aborted"})

    def delete(self, job_id: str) -> None:
        """Let Salesforce forget a job that has ended, with its data."""
        self._send("DELETE", f"/{record_id(job_id)}")

    def succeeded(self, job_id: str) -> Iterator[ResultRow]:
        """The rows that were saved, with `sf__Id` and `sf__Created`; in no particular order."""
        return self._rows(job_id, "successfulResults")

    def failed(self, job_id: str) -> Iterator[ResultRow]:
        """The rows that were refused, with `sf__Error`; in no particular order."""
        return self._rows(job_id, "failedResults")

    def unprocessed(self, job_id: str) -> Iterator[ResultRow]:
        """The rows that the job never came to, as they were uploaded."""
        return self._rows(job_id, "unprocessedrecords")

    def save_results(self, job_id: str, kind: Results, file: BinaryIO) -> None:
        """Write one of the result files to the file's present place, piece by piece.

        Repeated from its beginning when it breaks off. Read it with `bulk_results.read_rows`.
        """
        start = file.tell()

        def get() -> None:
            file.seek(start)
            file.truncate()
            with self._results(job_id, kind) as response:
                save(response, file)

        self._retry.call(get)

    def _rows(self, job_id: str, kind: Results) -> Iterator[ResultRow]:
        with self._retry.call(lambda: self._results(job_id, kind)) as response:
            yield from rows_of(response)

    def _results(self, job_id: str, kind: Results) -> Any:
        return self._send("GET", f"/{record_id(job_id)}/{kind}", stream=True)

    def _json(self, method: str, path: str, body: dict[str, str] | None = None) -> BulkJob:
        headers = {"Content-Type": "application/json"}
        data = None if body is None else orjson.dumps(body)
        return _read(self._send(method, path, data=data, headers=headers))

    def _send(self, method: str, path: str, **options: Any) -> Any:
        return self._session.request(method, self._base + path, **options)


def _read(response: Any) -> BulkJob:
    try:
        told = orjson.loads(response.content)
        return BulkJob(
            id=record_id(told["id"]),
            state=str(told["state"]),
            processed=int(told.get("numberRecordsProcessed") or 0),
            failed=int(told.get("numberRecordsFailed") or 0),
            error=str(told.get("errorMessage") or ""),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Transient(gettext("Salesforce's answer could not be read.")) from None
