"""What a job needs of Salesforce: made, uploaded, closed, looked at, its results fetched.

Every call is made in a thread, while the main one holds on to the lease: an upload may take long.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import IO, TypeVar

from wagtail_salesforce.exceptions import ConnectorError, RequestRefused, Transient
from wagtail_salesforce.replication.answers import is_there
from wagtail_salesforce.replication.bulk_job import BulkJob
from wagtail_salesforce.replication.bulk_jobs import State, end, store
from wagtail_salesforce.replication.sender import Sender
from wagtail_salesforce.replication.transports import OBJECT
from wagtail_salesforce.salesforce.bulk import BulkJob as Told
from wagtail_salesforce.salesforce.bulk import Operation, Results
from wagtail_salesforce.salesforce.redact import redact


T = TypeVar("T")


def is_unknown(error: RequestRefused) -> bool:
    """Whether Salesforce has no such job, or no results of it any more (after seven days)."""
    return error.status == 404 or error.code == "NOT_FOUND"


def may_be_of_one_job(error: ConnectorError) -> bool:
    """Whether other calls may well work, though this one about a job did not.

    That the user may not see a job, as after somebody else has authorized the organization, says
    nothing of leads.
    """
    return isinstance(error, Transient | RequestRefused) or error.code == "access_denied"


def _never_began(job: BulkJob, told: Told) -> bool:
    """Whether a job that none of us saw closed was aborted before its first row.

    That was one of us, perhaps one who died before putting it down. One that we did see closed
    was aborted by an administrator.
    """
    return job.state == State.MAKING and told.state == "Aborted" and not told.processed


class Carrier:
    """Carries jobs to Salesforce and what became of them back."""

    def __init__(self, sender: Sender) -> None:
        self.bulk, self.lease = sender.client.bulk, sender.lease
        self._client = sender.client
        self._flights, self._allowance = sender.flights, sender.allowance

    def begin(self, job: BulkJob, file: IO[bytes], rows: int, rule_id: str) -> bool:
        """Make the job at Salesforce and upload its rows; False when Salesforce refuses it.

        Whatever is not known to have been done is found out by `where`: at each step our own row
        says at least as much as Salesforce may have begun.
        """
        store(job, self.lease, rows=rows)
        try:
            told = self.ask(lambda: self._create(job, rule_id))
            store(job, self.lease, salesforce_id=told.id)
            self._upload(job, file)
            return True
        except RequestRefused as error:
            return self._give_up(job, error)

    def _create(self, job: BulkJob, rule_id: str) -> Told:
        operation: Operation = "update" if job.operation == "update" else "upsert"
        field = job.external_id_field if operation == "upsert" else ""
        return self.bulk.create(
            OBJECT, operation, external_id_field=field, assignment_rule_id=rule_id
        )

    def _upload(self, job: BulkJob, file: IO[bytes]) -> None:
        file.seek(0)
        self.ask(lambda: self.bulk.upload(job.salesforce_id, file))  # type: ignore[arg-type]
        self.ask(lambda: self.bulk.close(job.salesforce_id))
        store(job, self.lease, state=State.CLOSED)

    def _give_up(self, job: BulkJob, error: RequestRefused) -> bool:
        """Salesforce refuses to make the job or to take its rows; unless it has begun after all."""
        told = self.where(job) if job.salesforce_id else None
        if told is not None:
            store(job, self.lease, state=State.CLOSED)
            return True
        end(job, self.lease, State.FAILED, redact(error.message))
        return False

    def where(self, job: BulkJob) -> Told | None:
        """How far the job is; None when it never began or Salesforce knows nothing of it any more.

        One that was not closed is aborted, since it is not known what of its rows has arrived.
        """
        if not job.salesforce_id:
            return None
        told = self.look(job)
        if told is not None and told.state == "Open":
            self._abort(job)
            # It may have been closed in between by a worker that was overtaken.
            told = self.look(job)
        return None if told is not None and _never_began(job, told) else told

    def _abort(self, job: BulkJob) -> None:
        try:
            self.ask(lambda: self.bulk.abort(job.salesforce_id))
        except RequestRefused:
            return

    def look(self, job: BulkJob) -> Told | None:
        """How far the job is; None when Salesforce has no such job (any more)."""
        try:
            return self.ask(lambda: self.bulk.look(job.salesforce_id))
        except RequestRefused as error:
            if is_unknown(error):
                return None
            raise

    def fetch(self, job: BulkJob, kind: Results, file: IO[bytes]) -> None:
        """Write a file of results into a file, and go to its beginning."""
        self.ask(lambda: self.bulk.save_results(job.salesforce_id, kind, file))  # type: ignore[arg-type]
        file.seek(0)

    def check_it_is_there(self) -> None:
        """Raise Transient when Salesforce is away altogether, and not only for Bulk."""
        self.ask(partial(is_there, self._client))

    def ask(self, do: Callable[[], T]) -> T:
        """Make a call, within the allowance."""
        try:
            return self._flights.meanwhile(self._allowance.reserved(do))
        finally:
            self._allowance.learn()
