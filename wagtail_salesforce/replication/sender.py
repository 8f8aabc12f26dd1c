"""Sends leads, a few calls at a time, and records what came back.

The main thread owns the database; the threads of the pool only serialise, send and parse.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, deque
from concurrent.futures import Future, ThreadPoolExecutor, TimeoutError
from types import TracebackType
from typing import TYPE_CHECKING

from wagtail_salesforce.conf import conf
from wagtail_salesforce.exceptions import ConnectorError
from wagtail_salesforce.mapping.compile import CompiledMapping
from wagtail_salesforce.replication.allowance import check_allowance
from wagtail_salesforce.replication.answers import Reading, masters, read_answers
from wagtail_salesforce.replication.claim import release_claims
from wagtail_salesforce.replication.extensions import OutgoingLead
from wagtail_salesforce.replication.lease import HeldLease
from wagtail_salesforce.replication.models import ReplicationSettings, Run
from wagtail_salesforce.replication.outcomes import COUNTED, Outcome
from wagtail_salesforce.replication.record import Recorder
from wagtail_salesforce.replication.runs import beat
from wagtail_salesforce.replication.shortened import note_shortened
from wagtail_salesforce.replication.transports import Answer, Call, headers, take_call
from wagtail_salesforce.salesforce.client import Chunk, SalesforceClient
from wagtail_salesforce.salesforce.limits import Usage
from wagtail_salesforce.signals import after_batch, before_batch


logger = logging.getLogger("wagtail_salesforce")

if TYPE_CHECKING:
    Flight = tuple[Call, Future[list[Answer]]]


IN_FLIGHT = 2
#: How long to wait for an answer before looking after the lease again, in seconds.
WAIT = 5.0


class Sender:
    """Takes leads, packs them into calls, keeps a few in flight, records the outcomes."""

    def __init__(
        self,
        client: SalesforceClient,
        settings: ReplicationSettings,
        compiled: CompiledMapping,
        lease: HeldLease,
        run: Run,
        counts: Counter[str],
        known: Usage | None,
    ) -> None:
        self.client, self.settings, self.run, self.lease = client, settings, run, lease
        self.external_id_field = compiled.external_id_field
        self.headers = headers(settings)
        self.counts = counts
        self.known = known
        client.set_guard(self._guard)
        self.claimant = f"{lease.name}:{lease.token}" if conf().PARALLEL_WORKERS > 1 else ""
        self.pending: list[OutgoingLead] = []
        self.in_flight: deque[Flight] = deque()
        self.pool = ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="salesforce")
        self.recorder = Recorder(lease, run.pk, settings.org_id, self.claimant)

    def __enter__(self) -> Sender:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Record what is still under way, also when the run stops, then close the pool."""
        try:
            if isinstance(error, ConnectorError) and error.code != "lease_lost":
                self._rescue()
        finally:
            self.pool.shutdown(wait=True, cancel_futures=True)
            release_claims(self.claimant)

    def add(self, leads: list[OutgoingLead]) -> None:
        """Take leads; full calls leave at once."""
        self.pending += leads
        while len(self.pending) >= self.settings.batch_size:
            self._send_from_pending()

    def flush(self) -> None:
        """Send what is left and wait for every answer."""
        while self.pending or self.in_flight:
            if self.pending:
                self._send_from_pending()
            else:
                self._collect()

    def settle(self, outcomes: list[Outcome]) -> None:
        """Record outcomes and count them."""
        self.lease.renew()
        self.recorder.record(outcomes)
        self.counts.update(o.kind.value for o in outcomes if o.kind in COUNTED)

    def _send_from_pending(self) -> None:
        call, self.pending = take_call(self.pending, self.settings.batch_size)
        self._send(call)

    def _send(self, call: Call) -> None:
        while len(self.in_flight) >= self._most_in_flight():
            self._collect()
        leads = [lead for group in call.groups for lead in group]
        before_batch.send(sender=Sender, run=self.run, leads=leads)
        chunks = call.chunks(self.external_id_field)
        self.in_flight.append((call, self.pool.submit(self._call, chunks, call.pause)))

    def _call(self, chunks: list[Chunk], pause: float) -> list[Answer]:
        time.sleep(pause)
        return self.client.send_batch(chunks, headers=self.headers)

    def _most_in_flight(self) -> int:
        """One at a time until the org has told its usage, so that the reserve holds exactly."""
        return IN_FLIGHT if self.client.usage or self.known else 1

    def _guard(self, told: Usage | None, unknown: int) -> None:
        """Asked before every call, in the thread that makes it."""
        check_allowance(told or self.known, self.settings.api_reserve_percent, unknown)

    def _collect(self) -> None:
        """Wait for the oldest call and record its outcomes; what has to go again goes."""
        call, future = self.in_flight.popleft()
        reading = self._read(call, self._answer(future))
        self._settle_reading(reading)
        if reading.stop is not None:
            raise reading.stop
        for again in reading.again:
            self._send(again)

    def _read(self, call: Call, answers: list[Answer]) -> Reading:
        return read_answers(call, answers, self._find_masters, self.settings)

    def _find_masters(self, lead_ids: list[str]) -> dict[str, str]:
        return masters(lead_ids, self.client)

    def _answer(self, future: Future[list[Answer]]) -> list[Answer]:
        while True:
            try:
                return future.result(timeout=WAIT)
            except TimeoutError:
                if future.done():
                    raise
                self.lease.renew()

    def _settle_reading(self, reading: Reading) -> None:
        self.settle(reading.outcomes)
        note_shortened(reading.sent)
        beat(self.run)
        after_batch.send(sender=Sender, run=self.run, outcomes=reading.outcomes)

    def _rescue(self) -> None:
        """The run stops: calls under way may have succeeded, and that must not be forgotten."""
        while self.in_flight:
            call, future = self.in_flight.popleft()
            try:
                answers = self._answer(future)
            except ConnectorError as error:
                logger.info("A call under way failed too: %s", error.code)
                continue
            self._settle_reading(self._read(call, answers))
