"""The part of a run that goes by Bulk: which backlog does, and how far its jobs are.

jobs of former runs are found again ─► more than the threshold is due: jobs are filled and
uploaded ─► what Bulk leaves goes by Composite ─► jobs are looked at, their results recorded
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from django.utils import timezone

from wagtail_salesforce.conf import conf
from wagtail_salesforce.exceptions import ConnectorError, RequestRefused, Stopped
from wagtail_salesforce.replication import interruption
from wagtail_salesforce.replication.allowance import usable
from wagtail_salesforce.replication.bulk_carrier import Carrier, is_unknown
from wagtail_salesforce.replication.bulk_fill import FEW, Filler, Sheet, Sheets
from wagtail_salesforce.replication.bulk_inside import Inside
from wagtail_salesforce.replication.bulk_job import BulkJob
from wagtail_salesforce.replication.bulk_jobs import State, came_to_little, end, store, take_free
from wagtail_salesforce.replication.bulk_reading import BulkReader
from wagtail_salesforce.replication.claim import Selection, due_links
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.replication.runs import beat
from wagtail_salesforce.replication.walk import Walk
from wagtail_salesforce.salesforce.bulk import BulkJob as Told
from wagtail_salesforce.salesforce.redact import redact


#: Jobs under way at once: the next is filled while Salesforce works on those before it.
MOST_OPEN = 3
#: The API calls that a job may need: made, uploaded, closed, two results, and some looks at it.
CALLS = 20
#: Seconds from one look to the next: 1, 2, 4 … 30. The first look is taken at once.
FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
#: How long to sleep before looking after the lease again, in seconds.
NAP = 5.0


def sleep(seconds: float) -> None:
    """Wait; tests put something quicker in its place."""
    time.sleep(seconds)


def until_done(walk: Walk, deadline: float) -> bool:
    """Replicate what is due, backlogs by Bulk; True when there is more to do in another slice."""
    if walk.selection.contact_id is not None:
        return walk.until_done(deadline)
    run = BulkRun(walk)
    try:
        return run.until_done(deadline)
    finally:
        run.close()


def is_wanted(selection: Selection, settings: ReplicationSettings) -> bool:
    """Whether so many are due that they go by Bulk.

    Not with the org's active assignment rule, since a Bulk job knows rules by id only (Bulk API
    2.0 guide: assignmentRuleId); nor after a job that came to little.
    """
    threshold = conf().BULK_THRESHOLD or 0
    if not threshold or settings.assignment_rule == "active":
        return False
    due = due_links(timezone.now(), selection)[: threshold + 1].count()
    return due > threshold and not came_to_little(settings.org_id)


def wait_after(polls: int, told: Told, rows: int, elapsed: float) -> float:
    """Seconds until the next look, after so many; less when the job will be over before."""
    wait = min(FIRST_WAIT * float(2 ** min(polls, 10)), LONGEST_WAIT)
    if told.processed and rows > told.processed:
        still = elapsed * (rows - told.processed) / told.processed
        wait = max(FIRST_WAIT, min(wait, still))
    return wait


class BulkRun:
    """One slice's work with Bulk jobs, around the walk that sends the rest."""

    def __init__(self, walk: Walk) -> None:
        self.walk, self.sender = walk, walk.sender
        self.settings, self.lease = self.sender.settings, self.sender.lease
        self.carrier = Carrier(self.sender)
        self.jobs: list[BulkJob] = []
        #: What was read ahead of a job's results, by its key; of one job only.
        self._ahead: dict[int, Inside] = {}
        self._filler: Filler | None = None
        self._sheets: Sheets | None = None

    def close(self) -> None:
        """Give up what is half done; the next slice finds it."""
        self._stop_filling()

    def until_done(self, deadline: float) -> bool:
        """True when there is more to do: jobs are under way, or the time is up."""
        self._take_over()
        while True:
            self._look_at_those_due()
            if self._fill(deadline):
                return True
            if self._filler is None and not self._saves_calls() and self.walk.until_done(deadline):
                return True
            if not self.jobs:
                return False
            if not self._wait(deadline):
                return True

    # Filling

    def _fill(self, deadline: float) -> bool:
        """Fill and upload jobs, a few at once; True when the pass was broken off."""
        while len(self.jobs) < MOST_OPEN and (sheet := self._next_sheet(deadline)):
            self._begin(sheet)
            if self._filler is not None and self._filler.over:
                break
            # A small one may be done by now, and those before it.
            self._look_at_those_due()
        return self._filler is not None and self._filler.over

    def _next_sheet(self, deadline: float) -> Sheet | None:
        failing = self._filler is not None and came_to_little(self.settings.org_id)
        if failing or not self._can_pay():
            self._stop_filling()
            return None
        if self._filler is None or self._sheets is None:
            if not is_wanted(self.walk.selection, self.settings):
                return None
            self._filler = Filler(self.walk, min(FEW, conf().BULK_THRESHOLD or 0))
            self._sheets = self._filler.sheets(deadline)
        sheet = next(self._sheets, None)
        if sheet is None and not self._filler.over:
            self._filler = None
        return sheet

    def _begin(self, sheet: Sheet) -> None:
        rule = self.settings.assignment_rule
        with sheet.file as file:
            begun = self.carrier.begin(sheet.job, file, sheet.rows, "" if rule == "off" else rule)
        if begun:
            self._plan(sheet.job, 0)
            self.jobs.append(sheet.job)
        else:
            # The rest goes by Composite, which says what Salesforce has against it.
            self._stop_filling()

    def _stop_filling(self) -> None:
        if self._sheets is not None:
            self._sheets.close()
        self._filler = self._sheets = None

    def _can_pay(self) -> bool:
        """Whether the calls that one more job needs leave the reserve untouched."""
        usage = self.sender.client.usage or self.sender.known
        if usage is None:
            return True
        most = usable(usage.max, self.settings.api_reserve_percent)
        return usage.used + CALLS * (len(self.jobs) + 1) <= most

    def _saves_calls(self) -> bool:
        """Whether the calls that are left are needed for the results of open jobs."""
        return bool(self.jobs) and not self._can_pay()

    # Jobs under way

    def _take_over(self) -> None:
        for job in take_free(self.lease, self.settings.org_id):
            if job.state == State.MAKING:
                self._recover(job)
            else:
                self.jobs.append(job)

    def _recover(self, job: BulkJob) -> None:
        """A job that its maker did not see closed: it has begun after all, or it never will."""
        told = self.carrier.where(job)
        if told is None:
            end(job, self.lease, State.DROPPED)
            return
        store(job, self.lease, state=State.CLOSED)
        self.jobs.append(job)
        self._heed(job, told)

    def _look_at_those_due(self) -> None:
        now = timezone.now()
        for job in [job for job in self.jobs if (job.next_poll_at or now) <= now]:
            self._look(job)

    def _look(self, job: BulkJob) -> None:
        told = self.carrier.where(job)
        if told is None:
            self._drop(job)
        else:
            self._heed(job, told)

    def _drop(self, job: BulkJob) -> None:
        """Salesforce knows nothing of it any more: deleted there, or forgotten after seven days."""
        end(job, self.lease, State.DROPPED)
        self.jobs.remove(job)
        self._ahead.pop(job.pk, None)

    def _heed(self, job: BulkJob, told: Told) -> None:
        if told.has_ended:
            self._finish(job, told)
            return
        elapsed = (timezone.now() - job.created_at).total_seconds()
        self._plan(job, wait_after(job.polls, told, job.rows, elapsed), looked=1)

    def _plan(self, job: BulkJob, wait: float, looked: int = 0) -> None:
        planned = timezone.now() + timedelta(seconds=wait)
        store(job, self.lease, next_poll_at=planned, polls=job.polls + looked)

    def _finish(self, job: BulkJob, told: Told) -> None:
        """Record the results and put the rest back. Raises what the run has to stop for."""
        try:
            inside = self._ahead.pop(job.pk, None) or Inside.of(job)
            stop = BulkReader(self.sender, self.carrier, job, inside).read(told)
        except RequestRefused as error:
            if not is_unknown(error):
                raise
            self._drop(job)
            return
        failed = told.state != "JobComplete"
        end(job, self.lease, State.FAILED if failed else State.DONE, redact(told.error))
        self.jobs.remove(job)
        if failed:
            stop = stop or failure(told)
        if stop is not None:
            raise stop

    def _wait(self, deadline: float) -> bool:
        """Wait for the next look at a job, and take it; False when the slice is over before."""
        job = min(self.jobs, key=lambda job: job.next_poll_at or job.created_at)
        seconds = _until(job.next_poll_at)
        if time.monotonic() + seconds > deadline:
            return False
        if not self._ahead:
            # The results will be looked up in it, whenever they come.
            self._ahead[job.pk] = Inside.of(job)
            seconds = _until(job.next_poll_at)
        while seconds > 0:
            nap = min(seconds, NAP)
            sleep(nap)
            seconds -= nap
            interruption.check()
            self.sender.hold_on()
        beat(self.sender.run)
        self._look(job)
        return True


def _until(moment: datetime | None) -> float:
    return max(0.0, (moment - timezone.now()).total_seconds()) if moment else 0.0


def failure(told: Told) -> ConnectorError:
    """The reason that a job which Salesforce did not finish ends the run for.

    A column that is no field fails the job before its first row ("InvalidBatch : Field name not
    found", as recorded of Bulk API 2.0).
    """
    if "field name not found" in told.error.lower():
        return Stopped(code="mapping_broken")
    return Stopped(code="bulk_failed")
