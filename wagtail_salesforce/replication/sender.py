"""Sends leads, a few calls at a time, and records what came back.

The main thread owns the database; the threads of the pool only serialise, send and parse.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, deque
from datetime import datetime, timedelta
from functools import partial
from types import TracebackType

from django.utils import timezone

from wagtail_salesforce.conf import conf
from wagtail_salesforce.exceptions import ConnectorError, LeaseLost, Transient
from wagtail_salesforce.mapping.compile import CompiledMapping
from wagtail_salesforce.replication import interruption
from wagtail_salesforce.replication.allowance import Allowance
from wagtail_salesforce.replication.answers import Reading, is_there, masters, read_answers
from wagtail_salesforce.replication.claim import Claimant, distrust, send_again
from wagtail_salesforce.replication.extensions import OutgoingLead
from wagtail_salesforce.replication.flights import Flight, Flights
from wagtail_salesforce.replication.lease import HeldLease
from wagtail_salesforce.replication.models import ReplicationSettings, Run
from wagtail_salesforce.replication.outcomes import COUNTED, Outcome, postponed
from wagtail_salesforce.replication.record import Recorder
from wagtail_salesforce.replication.runs import beat
from wagtail_salesforce.replication.shortened import note_shortened
from wagtail_salesforce.replication.telling import tell
from wagtail_salesforce.replication.transports import (
    Answer,
    Call,
    divided,
    halves,
    headers,
    take_call,
)
from wagtail_salesforce.replication.trouble import Doubt, Trouble
from wagtail_salesforce.salesforce.client import SalesforceClient
from wagtail_salesforce.salesforce.limits import Usage
from wagtail_salesforce.signals import after_batch, batch_failed, before_batch


logger = logging.getLogger("wagtail_salesforce")

#: A reading of the org's fields that is younger when a slice begins is as good as one by itself.
JUST_NOW = timedelta(minutes=2)


def knows_fields(compiled: CompiledMapping) -> bool:
    """Whether the org's fields were read just now, so that they can hardly have changed since."""
    read_at = compiled.fields_read_at
    return read_at is not None and timezone.now() - read_at < JUST_NOW


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
        allowance: Allowance,
    ) -> None:
        self.client, self.settings, self.run, self.lease = client, settings, run, lease
        self.external_id_field = compiled.external_id_field
        self.knows_fields = knows_fields(compiled)
        self.headers = headers(settings)
        self.counts = counts
        self.allowance = allowance
        client.set_guard(self._guard)
        self.claimant = f"{lease.name}:{lease.token}" if lease.beside_others else ""
        self.claims = Claimant(self.claimant)
        self.most = conf().CALLS_IN_FLIGHT
        #: What is not in a call yet, and calls that go again before it.
        self.pending: list[OutgoingLead] = []
        self.waiting: deque[Call] = deque()
        self.flights = Flights(self.most, self.hold_on)
        self.trouble = Trouble()
        self.recorder = Recorder(
            lease, run.pk, settings.org_id, self.claimant, doubtful=self.claims.doubtful
        )

    @property
    def known(self) -> Usage | None:
        """The org's usage as it was known before the client was told."""
        return self.allowance.known

    def __enter__(self) -> Sender:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Record what is still under way, also when the run stops, then close the pool."""
        self.lease.unsettled = True
        try:
            self._end_flights(error)
        finally:
            # An error without a name may have come between an answer and its record.
            unsettled = bool(self.flights) or not isinstance(error, ConnectorError | None)
            self.flights.close()
            if not unsettled:
                # Else they go with the lease: whoever buries it distrusts their payloads.
                self.claims.release()
            self.allowance.close()
        self.lease.unsettled = unsettled

    def _end_flights(self, error: BaseException | None) -> None:
        try:
            if isinstance(error, Exception) and not isinstance(error, LeaseLost):
                self._rescue()
        except LeaseLost as lost:
            error = lost
        if isinstance(error, LeaseLost):
            self._mend()

    def add(self, leads: list[OutgoingLead]) -> None:
        """Take leads; full calls leave at once."""
        interruption.check()
        self.pending += leads
        while len(self.pending) >= self.settings.batch_size:
            self._send_from_pending()

    def flush(self) -> None:
        """Send what is left and wait for every answer."""
        while self.pending or self.waiting or self.flights:
            if self.pending:
                self._send_from_pending()
            else:
                self._step()
        if self.trouble.doubts:
            self._look_whether_it_is_there()

    def settle(self, outcomes: list[Outcome], sent_at: datetime | None = None) -> None:
        """Record outcomes and count them. Before anything else: where the lease is lost, it is
        the recording that lets what came late be sent once more."""
        self._record(outcomes, sent_at)
        self.hold_on()

    def hold_on(self) -> None:
        """Keep the lease and the claims. What another worker has claimed meanwhile is not sent."""
        self.lease.renew()
        if lost := self.claims.renew():
            self.pending = [lead for lead in self.pending if lead.link_id not in lost]
            left = [
                [lead for lead in call.leads if lead.link_id not in lost] for call in self.waiting
            ]
            self.waiting = deque(take_call(leads, 1000)[0] for leads in left if leads)

    def _record(self, outcomes: list[Outcome], sent_at: datetime | None) -> None:
        self.recorder.record(outcomes, sent_at)
        self.claims.let_go(outcome.link_id for outcome in outcomes)
        self.counts.update(o.kind.value for o in outcomes if o.kind in COUNTED)

    def _send_from_pending(self) -> None:
        while self.waiting or not self._has_room():
            self._step()
        call, self.pending = take_call(self.pending, self.settings.batch_size)
        call.hurried = self.trouble.failures > 0
        if call.groups:
            self._send(call)

    def _step(self) -> None:
        """Let a call that goes again leave, or wait for one that is under way."""
        if self.waiting and self._has_room():
            self._send(self.waiting.popleft())
        else:
            self._collect()

    def _has_room(self) -> bool:
        if self.trouble.suspected and self.flights:
            return False
        return len(self.flights) < (self.most if self.allowance.is_known else 1)

    def _send(self, call: Call) -> None:
        self._check_whether_to_go_on()
        send = self.allowance.reserved(partial(self._call, call))
        tell(before_batch, Sender, run=self.run, leads=call.leads)
        self.flights.launch(call, send)

    def _call(self, call: Call) -> list[Answer]:
        time.sleep(call.pause)
        chunks = call.chunks(self.external_id_field)
        return self.client.send_batch(chunks, headers=self.headers, retry=not call.hurried)

    def _guard(self, told: Usage | None, unknown: int) -> None:
        """Asked before every call, in the thread that makes it."""
        self._check_whether_to_go_on()
        self.allowance.guard(told, unknown)

    def _check_whether_to_go_on(self) -> None:
        """A call that leaves late could undo what another worker has sent by then."""
        interruption.check()
        if not self.lease.is_sure:
            raise LeaseLost

    def _collect(self) -> None:
        """Wait for a call and record its outcomes; what has to go again goes next."""
        flight = self.flights.landed()
        self.allowance.learn()
        try:
            reading = self._reading_of(flight)
        except LeaseLost:
            raise
        except ConnectorError as error:
            # Also where a repeat was not made any more: nobody knows what the first try came to.
            _distrust(flight.call.leads)
            if not isinstance(error, Transient):
                raise
            self._note_failure(flight, flight.call.leads, error)
            self.waiting.extendleft(reversed(self._parts(flight.call.leads)))
            return
        self._settle_reading(reading, flight.sent_at)
        if reading.stop is not None:
            raise reading.stop
        if len(reading.failed) < len(flight.call.groups):
            self._postpone(self.trouble.passed(flight.begun))
        self.waiting.extendleft(reversed(reading.again))
        for group, trouble in reading.failed:
            self._note_failure(flight, group, trouble)
            if len(group) > 1:
                self.waiting.appendleft(halves(group, hurried=True))

    def _parts(self, leads: list[OutgoingLead]) -> list[Call]:
        return divided(leads) if len(leads) > 1 else []

    def _note_failure(self, flight: Flight, leads: list[OutgoingLead], error: Transient) -> None:
        """Salesforce could not carry this out. Raises the error where Salesforce is away."""
        now = time.monotonic()
        is_outage = self.trouble.is_outage(error, flight.begun, now)
        if is_outage and (error.retry_after is not None or not self.flights):
            raise error
        if len(leads) == 1:
            self.trouble.doubt(leads[0], error, now)

    def _postpone(self, doubts: list[Doubt]) -> None:
        """Leads that cannot be sent while Salesforce answers: they alone are tried later."""
        self.settle([postponed(each.lead, each.error.code, each.error.message) for each in doubts])

    def _look_whether_it_is_there(self) -> None:
        """No call has passed since some leads failed. If Salesforce answers, it is their fault."""
        self._check_whether_to_go_on()
        self.flights.meanwhile(self.allowance.reserved(partial(is_there, self.client)))
        self._postpone(self.trouble.settled())

    def _reading_of(self, flight: Flight) -> Reading:
        try:
            return self._read(flight.call, self._answers_to(flight))
        except LeaseLost:
            # A first try may have come late, after something newer of another worker.
            send_again(lead.link_id for lead in flight.call.leads)
            raise

    def _read(self, call: Call, answers: list[Answer]) -> Reading:
        return read_answers(
            call, answers, self._find_masters, self.settings, knows_fields=self.knows_fields
        )

    def _find_masters(self, lead_ids: list[str]) -> dict[str, str]:
        ask = self.allowance.reserved(partial(masters, lead_ids, self.client))
        return self.flights.meanwhile(ask)

    def _answers_to(self, flight: Flight) -> list[Answer]:
        try:
            return flight.future.result()
        except LeaseLost:
            raise
        except ConnectorError as error:
            leads = flight.call.leads
            tell(batch_failed, Sender, run=self.run, leads=leads, error=error)
            raise

    def _settle_reading(self, reading: Reading, sent_at: datetime) -> None:
        self.settle(reading.outcomes, sent_at)
        if reading.unanswered:
            _distrust(reading.unanswered)
        note_shortened(reading.sent)
        beat(self.run)
        tell(after_batch, Sender, run=self.run, outcomes=reading.outcomes)

    def _rescue(self) -> None:
        """The run stops: calls under way may have succeeded, and that must not be forgotten."""
        while self.flights:
            flight = self.flights.landed()
            try:
                reading = self._reading_of(flight)
            except LeaseLost:
                raise
            except ConnectorError as error:
                logger.info("A call under way failed too: %s", error.code)
                _distrust(flight.call.leads)
                continue
            self._settle_reading(reading, flight.sent_at)

    def _mend(self) -> None:
        """Others may have sent these leads meanwhile, and our calls under way come late: what
        nobody else has claimed is recorded, and all else is sent once more."""
        self.flights.let_go()
        while self.flights:
            self._mend_flight(self.flights.landed())

    def _mend_flight(self, flight: Flight) -> None:
        try:
            reading = self._read(flight.call, flight.future.result())
        except ConnectorError:
            send_again(lead.link_id for lead in flight.call.leads)
            return
        send_again(lead.link_id for lead in reading.unanswered)
        try:
            self._record(reading.outcomes, flight.sent_at)
        except LeaseLost:
            logger.info("Another worker has taken over what was under way.")


def _distrust(leads: list[OutgoingLead]) -> None:
    distrust(lead.link_id for lead in leads if lead.lead_id)
