"""One campaign: what is asked for, its replicators, its dice, and what it has seen."""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.torture.fates import Fate
from tests.torture.processes import Ended, Replicator


#: The org answers this late (seconds): most of a replicator's life is waiting, as in real life.
LATENCY = 0.1
#: The share of the time that is kept for the last run and for looking at everything.
FOR_THE_END = 0.3
#: How far the last runs look ahead, so that nobody has to wait for what is to be sent again later.
AHEAD = (1800, 8 * 3600, 16 * 3600)
#: Longer than a lease: what a dead replicator may have left on its way is over by then.
LEAP = 200.0
#: Why a run may stop in every campaign.
EXPECTED = frozenset(
    {"busy", "lease_lost", "org_unavailable", "database_unavailable", "interrupted"}
)


@dataclass
class Options:
    """What is asked for on the command line."""

    kills: int = 200
    contacts: int = 20_000
    batch_size: int = 50
    seed: int = 1
    minutes: float = 10.0
    workers: int = 1
    rate: float = 40.0
    bulk: bool = False


@dataclass
class Campaign:
    """One campaign on one site and one org: its dice, its clock and what it has seen."""

    options: Options
    org: Any
    folder: Path
    begun: float = field(default_factory=time.monotonic)
    numbers: int = 0
    killed: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    recoveries: list[float] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    last_kill: float = 0.0
    #: Seconds by which the replicators' clocks are ahead; it grows in leaps when `leaping`.
    ahead: float = 0.0
    leaping: bool = False
    #: Whether the replicators' leases are short, so that they end while one sleeps.
    short_leases: bool = False
    leads_before: int = 0
    #: The replicators that live now.
    running: list[Replicator] = field(default_factory=list)
    #: Told of each replicator that has ended.
    on_end: Callable[[Replicator, Ended], None] = lambda _replicator, _ended: None
    #: Why a run may stop; anything else is a fault of the replicator.
    expected: set[str] = field(default_factory=lambda: set(EXPECTED))

    def __post_init__(self) -> None:
        self.chance = random.Random(self.options.seed)

    @property
    def kills(self) -> int:
        return sum(self.killed.values())

    def time_is_up(self) -> bool:
        """Whether what is left belongs to the end."""
        spent = time.monotonic() - self.begun
        return spent > self.options.minutes * 60 * (1 - FOR_THE_END)

    def start(self, fate: Fate | None = None, ahead: float = 0) -> Replicator:
        """One more replicator. After a leap it comes when the lease of the one before has ended."""
        self.numbers += 1
        if self.leaping and self.chance.random() < 0.5:
            self.ahead += LEAP
            self.last_kill = 0.0
        return Replicator(
            self.folder, self.numbers, fate, self.ahead + ahead, short_lease=self.short_leases
        )

    def replicate_until(
        self,
        enough: Callable[[], bool],
        fate: Callable[[], Fate | None],
        meanwhile: Callable[[], None],
    ) -> bool:
        """Keep so many replicators going, each with a fate, until it is enough or time is up.

        Whether it was enough: once is enough, as the editor adds contacts all the time.
        """
        met = False
        self.running = [self.start(fate()) for _ in range(self.options.workers)]
        while self.running:
            for replicator in list(self.running):
                if replicator.over():
                    self.running.remove(replicator)
                    self.note(replicator, replicator.ended())
                    met = met or enough()
                    if not (met or self.time_is_up()):
                        self.running.append(self.start(fate()))
            meanwhile()
            time.sleep(0.002)
        return met

    def note(self, replicator: Replicator, ended: Ended) -> None:
        """Keep what became of a replicator."""
        self.on_end(replicator, ended)
        alone = self.options.workers == 1
        if alone and ended.leased_at and self.last_kill:
            self.recoveries.append(ended.leased_at - self.last_kill)
            self.last_kill = 0.0
        if ended.killed:
            self.last_kill = ended.ended_at
            self.killed[how(replicator)] += 1
        else:
            self.reasons[ended.reason or "finished"] += 1
            if ended.reason and ended.reason not in self.expected:
                self.broken.append(f"a run stopped for no reason of the campaign: {ended.reason}")
        self.broken += [f"a traceback was shown: {text}" for text in ended.ugly]

    def settle(self) -> None:
        """Undisturbed runs to the end."""
        self.org.clear_faults()
        self.leaping = self.short_leases = False
        self.leads_before = self.org.count_leads()
        for ahead in AHEAD:
            replicator = self.start(ahead=ahead)
            left = self.begun + self.options.minutes * 60 - time.monotonic()
            if not replicator.wait(max(left, 60)):
                self.broken.append("the undisturbed run does not come to an end")
                replicator.process.kill()
            ended = replicator.ended()
            self.note(replicator, ended)
            if ended.reason in self.expected:
                self.broken.append(f"the undisturbed run stopped: {ended.reason}")
            if not _due():
                return

    def report(self, **more: Any) -> dict[str, Any]:
        """What the campaign has done and seen, ready for JSON."""
        from django.db import connection

        shown: dict[str, Any] = {
            "database": connection.vendor,
            "contacts": self.options.contacts,
            "batch_size": self.options.batch_size,
            "workers": self.options.workers,
            "bulk_jobs": _bulk_jobs(),
            "api_calls": len(self.org.calls(counted=True)),
            "seed": self.options.seed,
            "processes": self.numbers,
            "leads_before_the_undisturbed_run": self.leads_before,
            "kills": self.kills,
            "killed": dict(sorted(self.killed.items())),
            "ended_by_themselves": dict(sorted(self.reasons.items())),
            **more,
        }
        if self.recoveries:
            shown["seconds_from_kill_to_next_lease"] = {
                "median": round(statistics.median(self.recoveries), 3),
                "longest": round(max(self.recoveries), 3),
            }
        return {
            **shown,
            "seconds": round(time.monotonic() - self.begun, 1),
            "broken": self.broken,
        }


def how(replicator: Replicator) -> str:
    """At which point it was struck."""
    by_point = replicator.fate and not replicator.by_the_clock
    return (replicator.fate.point if replicator.fate and by_point else "") or "by the clock"


def say(words: str) -> None:
    """Progress, for people."""
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


def _due() -> bool:
    from wagtail_salesforce.replication.models import LeadLink

    return LeadLink.objects.filter(due_at__isnull=False).exists()


def _bulk_jobs() -> dict[str, int]:
    from wagtail_salesforce.replication.bulk_job import BulkJob

    return dict(Counter(BulkJob.objects.values_list("state", flat=True)))


class NowAndThen:
    """Does something every so many seconds, by chance a little earlier or later."""

    def __init__(
        self, seconds: float, act: Callable[[], Any], chance: random.Random | None = None
    ) -> None:
        self.seconds, self.act, self.chance = seconds, act, chance
        self.next = time.monotonic() + seconds

    def __call__(self) -> None:
        if time.monotonic() > self.next:
            self.act()
            factor = self.chance.uniform(0.1, 1.9) if self.chance else 1
            self.next = time.monotonic() + self.seconds * factor
