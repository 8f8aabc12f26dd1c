"""The broker's campaign: a django-q2 cluster whose workers, whose broker and who itself is killed."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections import Counter
from datetime import timedelta
from typing import Any

from django.db import connection

from tests.torture.campaign import LATENCY, Campaign, say
from tests.torture.campaigns import without_lead
from tests.torture.cluster import Cluster, Redis
from tests.torture.database import cut_connections
from tests.torture.editing import Editor
from tests.torture.verify import broken_promises


#: Seconds without a new lead, an end of a run or a new token after which a supervisor steps in.
STUCK = 20.0
#: How often somebody presses "Replicate now".
PRESSED = 1.0
#: So many disturbances at least, which is one of each kind.
ALL_KINDS = 7


class Disturbed:
    """The cluster and its broker under disturbance, until enough has happened."""

    def __init__(self, campaign: Campaign, redis: Redis | None) -> None:
        self.campaign, self.redis = campaign, redis
        self.cluster = Cluster(campaign.folder / "cluster.out")
        self.done: Counter[str] = Counter()
        self.presses: Counter[str] = Counter()
        self.stuck = 0
        self.kinds: list[str] = []
        self.seen: Any = None
        self.seen_at = time.monotonic()

    def press(self) -> None:
        """Somebody presses "Replicate now"; with the broker away that fails with a named error."""
        from wagtail_salesforce.exceptions import ConnectorError
        from wagtail_salesforce.replication.tasks import replicate_now

        try:
            replicate_now()
            self.presses["queued"] += 1
        except ConnectorError as error:
            self.presses[error.code] += 1

    def supervise(self) -> None:
        """Start the cluster again when it is gone or stands still although there is work."""
        if self.cluster.process.poll() is not None:
            self.cluster.restart()
        now, progress = time.monotonic(), _progress()
        if progress != self.seen or not _due_now():
            self.seen, self.seen_at = progress, now
        elif now - self.seen_at > STUCK:
            self.stuck += 1
            self.seen_at = now
            self.cluster.restart()

    def disturb(self) -> None:
        """Kill something."""
        if not self.kinds:
            self.kinds = ["worker at work", "worker at work", "any process", "cluster"]
            self.kinds += ["broker", "broker"] if self.redis else []
            self.kinds += ["database"] if connection.vendor == "postgresql" else []
            self.campaign.chance.shuffle(self.kinds)
        kind = self.kinds.pop()
        if self._kill(kind):
            self.done[kind] += 1

    def _kill(self, kind: str) -> bool:
        if kind == "worker at work":
            return _kill(_owner())
        if kind == "any process":
            return _kill(self.campaign.chance.choice(self.cluster.processes() or [0]))
        if kind == "database":
            return bool(cut_connections())
        if kind == "broker":
            assert self.redis is not None
            self.redis.kill()
            self.press()
            self.redis.start()
        else:
            self.cluster.restart()
        return True


def _kill(pid: int) -> bool:
    try:
        if pid:
            os.kill(pid, signal.SIGKILL)
        return bool(pid)
    except ProcessLookupError:
        return False


def _owner() -> int:
    """The process that holds the lease; 0 when nobody does."""
    from wagtail_salesforce.replication.models import Lease

    owner = Lease.objects.exclude(owner="").values_list("owner", flat=True).first()
    return int(owner.split("|")[1]) if owner else 0


def _progress() -> Any:
    from django.db.models import Sum

    from wagtail_salesforce.replication.models import LeadLink, Lease

    token = Lease.objects.aggregate(total=Sum("token"))["total"]
    newest = LeadLink.objects.order_by("-replicated_at").values_list("replicated_at", flat=True)
    return token, newest.exclude(replicated_at=None).first()


def _due_now() -> bool:
    from django.utils import timezone

    from wagtail_salesforce.replication.models import LeadLink

    # What the editor has only just marked is not waited for yet.
    return LeadLink.objects.filter(due_at__lte=timezone.now() - timedelta(seconds=3)).exists()


def broker(campaign: Campaign, redis: Redis | None) -> dict[str, Any]:
    """The campaign from its beginning to the comparison at its end."""
    options = campaign.options
    # That a task could not be queued is told in the log, and expected here.
    logging.getLogger("wagtail_salesforce").setLevel(logging.CRITICAL)
    campaign.org.fault("delay", seconds=LATENCY, path="/composite")
    editor = Editor(str(campaign.folder / "editor.out"), options.seed, options.rate)
    disturbed = Disturbed(campaign, redis)
    wanted = max(options.kills // 10, ALL_KINDS)
    complete = _disturb_until(disturbed, wanted)
    edits = editor.stop()
    say(f"  {dict(disturbed.done)}, {edits} edits; now the cluster alone …")
    alone = _calm(disturbed)
    stopped = disturbed.cluster.stop(60)
    campaign.settle()
    campaign.broken += broken_promises()
    return campaign.report(
        complete=complete and alone,
        broker="redis" if redis else "orm",
        disturbed=dict(disturbed.done),
        pressed=dict(disturbed.presses),
        clusters_started=disturbed.cluster.starts,
        clusters_stuck=disturbed.stuck,
        cluster_stopped_when_asked=stopped,
        edits=edits,
    )


def _disturb_until(disturbed: Disturbed, wanted: int) -> bool:
    """Whether there was time for it, and for a lead of everybody there was."""
    campaign, chance = disturbed.campaign, disturbed.campaign.chance
    next_press = next_kill = time.monotonic()
    while disturbed.done.total() < wanted or without_lead():
        if campaign.time_is_up():
            return False
        now = time.monotonic()
        if now > next_press:
            disturbed.press()
            disturbed.supervise()
            next_press = now + PRESSED
        if now > next_kill and disturbed.done.total() < wanted and _owner():
            disturbed.disturb()
            next_kill = now + chance.uniform(0.2, 3)
        time.sleep(0.05)
    return True


def _calm(disturbed: Disturbed) -> bool:
    """Wait until nothing is due now, with no more than the button and the supervisor."""
    while not disturbed.campaign.time_is_up() or disturbed.done.total() == 0:
        disturbed.press()
        disturbed.supervise()
        if not _due_now() and not _owner():
            return True
        time.sleep(PRESSED)
    return False
