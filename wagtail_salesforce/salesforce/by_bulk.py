"""Writes any number of records by Bulk API 2.0, job after job, with the results in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from tempfile import TemporaryFile
from typing import NamedTuple

from django.utils.translation import gettext

from wagtail_salesforce.exceptions import ConnectorError, JobUnfinished
from wagtail_salesforce.results import RowResult
from wagtail_salesforce.salesforce.bulk import BulkJob, BulkJobs
from wagtail_salesforce.salesforce.bulk_results import ResultRow, saved
from wagtail_salesforce.salesforce.collections import Record
from wagtail_salesforce.salesforce.orders import Order
from wagtail_salesforce.salesforce.retry import Retry
from wagtail_salesforce.salesforce.spool import Spool, fingerprint, spools


#: Seconds between two looks at a job: doubled from the first to the longest.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
#: A job that gets no further for so many seconds is given up waiting for.
PATIENCE = 3600.0
#: API calls of a job: create, upload, close, some looks, two or three files of results.
CALLS = 10


class ByBulk:
    """One order of records. `jobs` makes each call once: here whole steps are repeated.

    `foresee` raises when so many API calls may not be made any more.
    """

    def __init__(
        self, jobs: BulkJobs, retry: Retry, order: Order, foresee: Callable[[int], None] | None
    ) -> None:
        self._jobs = jobs
        self._retry = retry
        self._order = order
        self._foresee = foresee

    def write(self, records: Iterator[Record]) -> Iterator[list[RowResult]]:
        """The results of job after job.

        Nothing of a job is written before it is closed, so that a broken upload does no harm. An
        error after that has the job's id as `job_id`: Salesforce works on, and `client.bulk` can
        look at the job and fetch its results later.
        """
        for spool in spools(self._order, records):
            yield self._run(spool)

    def _run(self, spool: Spool) -> list[RowResult]:
        # A job that is begun and cannot be followed to its end would leave its results unknown.
        if self._foresee:
            self._foresee(CALLS)
        job = self._retry.call(lambda: self._upload(spool))
        try:
            self._retry.call(lambda: self._jobs.close(job.id))
            job = self._wait(job.id)
            return collect(self._jobs, self._retry, job, spool)
        except ConnectorError as error:
            error.job_id = job.id
            raise

    def _upload(self, spool: Spool) -> BulkJob:
        order = self._order
        job = self._jobs.create(
            order.object_name, order.kind, external_id_field=order.external_id_field
        )
        try:
            with TemporaryFile() as file:
                spool.write_csv(file)
                self._jobs.upload(job.id, file)
        except BaseException:
            with suppress(ConnectorError):
                self._jobs.abort(job.id)
            raise
        return job

    def _wait(self, job_id: str) -> BulkJob:
        """Look at the job with growing pauses until it has ended."""
        pause, waited, processed = FIRST_PAUSE, 0.0, 0
        while waited < PATIENCE:
            self._retry.sleep(pause)
            job = self._retry.call(lambda: self._jobs.look(job_id))
            if job.has_ended:
                return job
            waited = waited + pause if job.processed == processed else 0.0
            pause, processed = min(2 * pause, LONGEST_PAUSE), job.processed
        raise JobUnfinished


class _Told(NamedTuple):
    """A row of a result file: what it says of which row. `likeness` is for one that looks new."""

    fingerprint: bytes
    likeness: bytes
    result: RowResult


ResultOf = Callable[[ResultRow], RowResult]
Places = dict[bytes, list[int]]


def collect(jobs: BulkJobs, retry: Retry, job: BulkJob, spool: Spool) -> list[RowResult]:
    """The results of a job that has ended, in the order of its rows.

    Files of results are in no particular order (Bulk API 2.0 guide, "Get Job Successful Record
    Results"), but repeat each row. Rows with the same cells are interchangeable: whichever of
    their results goes to which of them, all is true.
    """
    places = _places(enumerate(spool.fingerprints))

    def read(rows: Callable[[str], Iterable[ResultRow]], result: ResultOf) -> list[_Told]:
        return retry.call(lambda: [_told(spool, places, row, result(row)) for row in rows(job.id)])

    told: list[_Told] = []
    if job.processed > job.failed:
        told += read(jobs.succeeded, saved)
    if job.failed:
        told += read(jobs.failed, spool.refused)
    if len(told) < spool.rows:
        told += read(jobs.unprocessed, lambda row: _not_processed(job))
    return _placed(told, places, spool)


def _told(spool: Spool, places: Places, row: ResultRow, result: RowResult) -> _Told:
    cells = spool.cells_of(row)
    found = fingerprint(cells)
    return _Told(found, b"" if found in places else spool.likeness(cells), result)


def _placed(told: list[_Told], places: Places, spool: Spool) -> list[RowResult]:
    results: list[RowResult | None] = [None] * spool.rows
    homeless = [each for each in told if not _place(each.fingerprint, each, places, results)]
    if homeless:
        left = enumerate(spool.likenesses())
        places = _places(pair for pair in left if results[pair[0]] is None)
        for each in homeless:
            _place(each.likeness, each, places, results)
    return [result or _unknown() for result in results]


def _places(prints: Iterable[tuple[int, bytes]]) -> Places:
    places: Places = {}
    for place, found in prints:
        places.setdefault(found, []).append(place)
    return places


def _place(found: bytes, told: _Told, places: Places, results: list[RowResult | None]) -> bool:
    waiting = places.get(found)
    if not waiting:
        return False
    results[waiting.pop()] = told.result
    return True


def _not_processed(job: BulkJob) -> RowResult:
    words = gettext("The job ended before this record was written. %(error)s")
    message = (words % {"error": job.error}).strip()
    return RowResult(False, code="NOT_PROCESSED", message=message)


def _unknown() -> RowResult:
    words = gettext("The results of the job do not tell what became of this record.")
    return RowResult(False, code="RESULT_UNKNOWN", message=words)
