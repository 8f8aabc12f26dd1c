"""Replicators that sleep for longer than their lease, and wake up when others have gone on."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.torture.campaign import LATENCY, Campaign, NowAndThen, how
from tests.torture.campaigns import LONGEST_LIFE, any_fate
from tests.torture.fates import Fate, draw
from tests.torture.processes import Replicator
from tests.torture.watched import SHORT_LEASE


#: Most sleep until they are overtaken, and a little longer (seconds), but not for ever (leases).
LONGER, LONGEST_SLEEP = 1.5, 4.0
#: The share of those who wake up before: how long they sleep, in leases.
EARLY, EARLY_SLEEP = 0.2, (0.3, 1.2)
#: The share of replicators that are put to sleep, and of those that are killed.
SLEEPERS, VICTIMS = 0.7, 0.15
#: No replicator is waited for longer until it comes to its point (seconds).
PATIENCE = 1.5
#: A call whose permission to leave was given before the sleep leaves at once (seconds).
AT_ONCE = 0.5
#: Without Bulk most fall asleep just before a call, which then lands late.
PLACES = ("call.before", "call.before", "call", "write")
#: How long nobody tries to take a lease that is held (seconds).
PAUSE = 0.1


@dataclass
class Sleeper:
    """A replicator that has been stopped, and when it is to go on (at the latest, while it waits
    until it is overtaken)."""

    replicator: Replicator
    wake_at: float
    waits: bool = False
    woken_at: float = 0.0
    #: Whether another one had its lease when it woke up.
    overtaken: bool = False


@dataclass
class Dormitory:
    """Those who sleep and those who have woken up."""

    campaign: Campaign
    asleep: list[Sleeper] = field(default_factory=list)
    awake: list[Sleeper] = field(default_factory=list)
    slept: Counter[str] = field(default_factory=Counter)
    overtaken: int = 0
    late_calls: int = 0

    def take(self, replicator: Replicator) -> None:
        """It has been stopped."""
        waits = self.campaign.chance.random() > EARLY
        leases = LONGEST_SLEEP if waits else self.campaign.chance.uniform(*EARLY_SLEEP)
        wake_at = time.monotonic() + leases * SHORT_LEASE
        self.asleep.append(Sleeper(replicator, wake_at, waits))
        self.slept[how(replicator)] += 1

    def wake(self, everybody: bool = False) -> None:
        """Let those go on whose time has come."""
        now = time.monotonic()
        for sleeper in [each for each in self.asleep if each.waits]:
            if _has_been_overtaken(sleeper.replicator):
                sleeper.waits = False
                sleeper.wake_at = now + self.campaign.chance.uniform(0, LONGER)
        for sleeper in [each for each in self.asleep if everybody or each.wake_at < now]:
            self.asleep.remove(sleeper)
            self.awake.append(sleeper)
            sleeper.overtaken = _has_been_overtaken(sleeper.replicator)
            sleeper.woken_at = time.monotonic()
            sleeper.replicator.wake()

    def look(self) -> None:
        """See to those who have come to their end."""
        for sleeper in [each for each in self.awake if each.replicator.is_asleep()]:
            # Woken before it came to its point, which has put it to sleep once more.
            sleeper.replicator.wake()
        for sleeper in [each for each in self.awake if each.replicator.over()]:
            self.awake.remove(sleeper)
            if sleeper.overtaken:
                self._judge(sleeper)
            self.campaign.note(sleeper.replicator, sleeper.replicator.ended())

    def _judge(self, sleeper: Sleeper) -> None:
        """Who was overtaken begins no call; one that it had begun may land."""
        self.overtaken += 1
        after = sleeper.replicator.watched.called.value - sleeper.woken_at
        self.late_calls += after > 0
        if after > AT_ONCE:
            self.campaign.broken.append(f"one that was overtaken made a call {after:.1f} s later")


def _has_been_overtaken(replicator: Replicator) -> bool:
    from wagtail_salesforce.replication.models import Lease

    watched = replicator.watched
    if not watched.token.value:
        return False
    return not Lease.objects.filter(name=watched.lease, token=watched.token.value).exists()


def stalls(campaign: Campaign) -> dict[str, Any]:
    """Replicators sleep and wake up again; some others are killed meanwhile."""
    campaign.org.fault("delay", seconds=LATENCY, path="/composite")
    campaign.short_leases = True
    wanted = max(4, campaign.options.kills // 40)
    dormitory = Dormitory(campaign)
    refill = NowAndThen(PAUSE, lambda: _refill(dormitory))
    wake = NowAndThen(PAUSE, dormitory.wake)
    while dormitory.overtaken < wanted and not campaign.time_is_up():
        _step(dormitory)
        refill()
        wake()
    while campaign.running or dormitory.asleep or dormitory.awake:
        _step(dormitory)
        dormitory.wake(everybody=True)
    # How long others waited for a lease that ends by itself says nothing.
    campaign.recoveries.clear()
    return {
        "complete": dormitory.overtaken >= wanted,
        "slept": dict(sorted(dormitory.slept.items())),
        "overtaken": dormitory.overtaken,
        "overtaken_with_a_call_on_its_way": dormitory.late_calls,
        "lease_seconds": SHORT_LEASE,
    }


def _step(dormitory: Dormitory) -> None:
    campaign = dormitory.campaign
    for replicator in list(campaign.running):
        if replicator.over():
            campaign.running.remove(replicator)
            campaign.note(replicator, replicator.ended())
        elif replicator.is_asleep():
            campaign.running.remove(replicator)
            dormitory.take(replicator)
    dormitory.look()
    time.sleep(0.005)


def _refill(dormitory: Dormitory) -> None:
    """So many work or have woken up as may; others sleep beside them."""
    campaign = dormitory.campaign
    workers = campaign.options.workers
    if len(campaign.running) < workers and len(dormitory.asleep) < 2 * workers and _is_free():
        campaign.running.append(campaign.start(_fate(campaign)))


def _fate(campaign: Campaign) -> Fate | None:
    dice = campaign.chance.random()
    if dice > SLEEPERS + VICTIMS:
        return None
    sleeps = dice < SLEEPERS
    if campaign.options.bulk:
        return any_fate(campaign, sleeps=sleeps)
    return draw(campaign.chance, LONGEST_LIFE, PLACES, sleeps=sleeps, patience=PATIENCE)


def _is_free() -> bool:
    """Whether there is a lease to take: with several there mostly is one."""
    from django.utils import timezone

    from wagtail_salesforce.conf import conf
    from wagtail_salesforce.replication.lease import is_dead
    from wagtail_salesforce.replication.models import Lease

    held = Lease.objects.filter(name__startswith="replication-", expires_at__gt=timezone.now())
    alive = [
        owner for owner in held.values_list("owner", flat=True) if owner and not is_dead(owner)
    ]
    return len(alive) < conf().PARALLEL_WORKERS
