"""The part of a run that goes by Bulk: which backlog does, and how far its jobs are.

jobs of former runs are found again ─► more than the threshold is due: jobs are filled and
uploaded ─► what Bulk leaves goes by Composite ─► jobs are looked at, their results recorded
"""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta

from django.utils import timezone

from wagtail_salesforce.conf import conf
from wagtail_salesforce.exceptions import ConnectorError, RequestRefused, Stopped, Transient
from wagtail_salesforce.replication import interruption
from wagtail_salesforce.replication.allowance import usable
from wagtail_salesforce.replication.bulk_adopt import adopt
from wagtail_salesforce.replication.bulk_carrier import (
    Carrier,
    is_unknown,
    may_be_of_one_job,
)
from wagtail_salesforce.replication.bulk_fill import FEW, Filler, Sheet, Sheets
from wagtail_salesforce.replication.bulk_inside import Inside
from wagtail_salesforce.replication.bulk_job import BulkJob
from wagtail_salesforce.replication.bulk_jobs import (
    OPEN,
    State,
    came_to_little,
    end,
    store,
    take_free,
)
from wagtail_salesforce.replication.bulk_reading import BulkReader
from wagtail_salesforce.replication.claim import Selection, due_links
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.replication.runs import beat
from wagtail_salesforce.replication.walk import Walk, revision_of
from wagtail_salesforce.salesforce.bulk import BulkJob as Told
from wagtail_salesforce.salesforce.redact import redact


logger = logging.getLogger("wagtail_salesforce")

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
    run = BulkRun(walk)
    try:
        if walk.selection.contact_id is not None:
            return run.until_contact_done(deadline)
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
    wait = _growing(polls)
    if told.processed and rows > told.processed:
        still = elapsed * (rows - told.processed) / told.processed
        wait = max(FIRST_WAIT, min(wait, still))
    return wait


def _growing(polls: int) -> float:
    return min(FIRST_WAIT * float(2 ** min(polls, 10)), LONGEST_WAIT)


class BulkRun:
    """One slice's work with Bulk jobs, around the walk that sends the rest."""

    def __init__(self, walk: Walk) -> None:
        self.walk, self.sender = walk, walk.sender
        self.settings, self.lease = self.sender.settings, self.sender.lease
        self.carrier = Carrier(self.sender)
        self.jobs: list[BulkJob] = []
        #: What is wrong with those that cannot be looked at in this slice, by their keys.
        self._aside: dict[int, ConnectorError] = {}
        #: What was read ahead of a job's results, by its key; of one job only.
        self._ahead: dict[int, Inside] = {}
        self._filler: Filler | None = None
        self._sheets: Sheets | None = None

    def close(self) -> None:
        """Give up what is half done; the next slice finds it."""
        self._stop_filling()

    def until_contact_done(self, deadline: float) -> bool:
        """The same for one contact, for which no job is waited for or begun."""
        self._take_over()
        return self.walk.until_done(deadline) or self._ended()

    def until_done(self, deadline: float) -> bool:
        """True when there is more to do: jobs are under way, or the time is up.

        Raises what is wrong with a job that cannot be looked at, after all else is done.
        """
        self._take_over()
        while True:
            self._look_at_those_due()
            if self._fill(deadline):
                return True
            if self._filler is None and not self._saves_calls() and self.walk.until_done(deadline):
                return True
            if not self._to_look_at():
                return self._ended()
            if not self._wait(deadline):
                return True

    def _ended(self) -> bool:
        """No more to do, unless somebody has to be told of a job in trouble."""
        for error in self._aside.values():
            raise error
        return False

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
        try:
            begun = self._carry(sheet)
        except ConnectorError as error:
            self._break_off(sheet.job, error)
            return
        if begun:
            self._plan(sheet.job, 0)
            self.jobs.append(sheet.job)
        else:
            # The rest goes by Composite, which says what Salesforce has against it.
            self._stop_filling()

    def _carry(self, sheet: Sheet) -> bool:
        rule = self.settings.assignment_rule
        with sheet.file as file:
            return self.carrier.begin(sheet.job, file, sheet.rows, "" if rule == "off" else rule)

    def _break_off(self, job: BulkJob, error: ConnectorError) -> None:
        """It could not be made or uploaded. Where it has not begun all the same, its rows are put
        back at once; the error tells that Bulk, and not Salesforce, was away."""
        self._check_it_is_its_own(job, error)
        logger.warning("A Bulk job has not reached Salesforce: %s", error.code)
        store(job, self.lease, error=redact(error.message)[:1000])
        self.jobs.append(job)
        self._look(job)

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
        return bool(self._to_look_at()) and not self._can_pay()

    # Jobs under way

    def _take_over(self) -> None:
        taken = take_free(self.lease, self.settings.org_id, self.walk.selection.contact_id)
        self.jobs += taken
        for job in taken:
            if job.state == State.MAKING:
                self._look(job)

    def _to_look_at(self) -> list[BulkJob]:
        return [job for job in self.jobs if job.pk not in self._aside]

    def _look_at_those_due(self) -> None:
        now = timezone.now()
        for job in [job for job in self._to_look_at() if (job.next_poll_at or now) <= now]:
            self._look(job)

    def _look(self, job: BulkJob) -> None:
        """See how far it is, and record its results. What is wrong with it keeps nobody else."""
        try:
            self._find_out(job)
        except ConnectorError as error:
            self._check_it_is_its_own(job, error)
            self._set_aside(job, error)

    def _find_out(self, job: BulkJob) -> None:
        told = self.carrier.where(job)
        if told is None:
            self._drop(job)
            return
        if job.state == State.MAKING:
            # Its maker did not see it closed, but it has begun after all.
            store(job, self.lease, state=State.CLOSED)
        self._heed(job, told)

    def _check_it_is_its_own(self, job: BulkJob, error: ConnectorError) -> None:
        """Raise what the run has to stop for at once: Salesforce is away, say."""
        if job.state not in OPEN or not may_be_of_one_job(error):
            raise error
        if isinstance(error, Transient):
            self.carrier.check_it_is_there()

    def _set_aside(self, job: BulkJob, error: ConnectorError) -> None:
        """Its rows stay in it: nobody knows what became of them. The next slice looks again."""
        self._stop_filling()
        self._ahead.pop(job.pk, None)
        self._aside[job.pk] = error
        self._plan(job, _growing(job.polls), looked=1, error=error.message)

    def _drop(self, job: BulkJob) -> None:
        """It never began, or Salesforce knows nothing of it any more: deleted there, or forgotten
        after seven days."""
        self._end(job, State.DROPPED, job.error if job.state == State.MAKING else "")
        self._ahead.pop(job.pk, None)

    def _end(self, job: BulkJob, state: State, error: str) -> None:
        adopt(job, self.sender)
        end(job, self.lease, state, error)
        self.jobs.remove(job)

    def _heed(self, job: BulkJob, told: Told) -> None:
        if told.has_ended:
            self._finish(job, told)
            return
        elapsed = (timezone.now() - job.created_at).total_seconds()
        self._plan(job, wait_after(job.polls, told, job.rows, elapsed), looked=1)

    def _plan(self, job: BulkJob, wait: float, looked: int = 0, error: str = "") -> None:
        planned, told = timezone.now() + timedelta(seconds=wait), redact(error)[:1000]
        store(job, self.lease, next_poll_at=planned, polls=job.polls + looked, error=told)

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
        self._end(job, State.FAILED if failed else State.DONE, redact(told.error))
        if failed:
            stop = stop or failure(told)
        if stop is not None:
            raise stop

    def _wait(self, deadline: float) -> bool:
        """Wait for the next look at a job, and take it; False when the slice is over before.

        It is over as well when the settings were saved meanwhile: the next one heeds them.
        """
        job = min(self._to_look_at(), key=lambda job: job.next_poll_at or job.created_at)
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
        if revision_of() != self.walk.known:
            return False
        self._look(job)
        return True


def _until(moment: datetime | None) -> float:
    """Seconds, but never more than is ever planned: the clock may have been set back since."""
    seconds = (moment - timezone.now()).total_seconds() if moment else 0.0
    return min(max(0.0, seconds), LONGEST_WAIT)


def failure(told: Told) -> ConnectorError:
    """The reason that a job which Salesforce did not finish ends the run for.

    A column that is no field fails the job before its first row ("InvalidBatch : Field name not
    found", as recorded of Bulk API 2.0).
    """
    if "field name not found" in told.error.lower():
        return Stopped(code="mapping_broken")
    return Stopped(code="bulk_failed")
