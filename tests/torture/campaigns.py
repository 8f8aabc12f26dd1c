"""The campaigns: replicators that are killed, an org that fails, a database that hangs up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.torture.campaign import LATENCY, Campaign, NowAndThen, say
from tests.torture.editing import Editor
from tests.torture.fates import ANYWHERE, IN_BULK, Fate, draw


LONGEST_LIFE = 0.8
#: Bulk jobs are looked at after a second and more.
LONGEST_LIFE_IN_BULK = 4.0
FAULTS = ("server_unavailable", "drop_before", "drop_after")
FAULTY = 0.2


def without_lead() -> int:
    """How many contacts have none yet."""
    from wagtail_salesforce.replication.models import LeadLink

    return LeadLink.objects.filter(lead_id="").count()


def nothing() -> None:
    """Nothing happens meanwhile."""


def kills(campaign: Campaign) -> dict[str, Any]:
    """Replicators are killed, one after the other."""
    campaign.org.fault("delay", seconds=LATENCY, path="/composite")
    wanted, campaign.leaping = campaign.options.kills, True
    with_tokens = NowAndThen(10.0, lambda: _expire_a_session(campaign.org))
    complete = campaign.replicate_until(
        lambda: campaign.kills >= wanted, lambda: any_fate(campaign), with_tokens
    )
    return {"wanted": wanted, "complete": complete}


def any_fate(campaign: Campaign, *, sleeps: bool = False) -> Fate:
    """A fate at any place, in Bulk at each step of a job."""
    if not campaign.options.bulk:
        return draw(campaign.chance, LONGEST_LIFE, ANYWHERE, sleeps=sleeps)
    longest = LONGEST_LIFE_IN_BULK
    return draw(campaign.chance, longest, IN_BULK, sleeps=sleeps, patience=longest)


def _expire_a_session(org: Any) -> None:
    """The token of the next call expires; not also the new one, which a person would have to see to."""
    if org.faults_armed() == 1:
        org.fault("expire_session", count=1, path="/composite")


def faults(campaign: Campaign) -> dict[str, Any]:
    """The org answers 503, resets connections and loses answers; a few replicators are killed."""
    for number, kind in enumerate(FAULTS):
        campaign.org.fault(
            kind,
            path="/services/",
            probability=FAULTY / len(FAULTS),
            seed=campaign.options.seed + number,
        )
    wanted = campaign.options.kills // 10

    def fate() -> Fate | None:
        return draw(campaign.chance, 4.0) if campaign.kills < wanted else None

    complete = campaign.replicate_until(
        lambda: campaign.kills >= wanted and not without_lead(), fate, nothing
    )
    struck = Counter(call["fault"] for call in campaign.org.calls(path="/composite"))
    calls = struck.total() or 1
    return {
        "complete": complete,
        "calls": calls,
        "struck": {kind: struck[kind] for kind in FAULTS},
        "share_struck": round(1 - struck[None] / calls, 3),
    }


def database(campaign: Campaign) -> dict[str, Any]:
    """The replicator's connections to the database are cut, again and again."""
    from django.db import connection

    from tests.torture.database import cut_connections

    if connection.vendor == "sqlite":
        return {"complete": True, "left_out": "SQLite has no connections to cut"}
    campaign.org.fault("delay", seconds=LATENCY, path="/composite")
    wanted, cuts = campaign.options.kills // 4, [0]

    def cut() -> None:
        ids = [each.watched.connection.value for each in campaign.running]
        cuts[0] += bool(cut_connections(ids))

    complete = campaign.replicate_until(
        lambda: cuts[0] >= wanted,
        lambda: None,
        NowAndThen(0.5, cut, campaign.chance),
    )
    return {"complete": complete, "cuts": cuts[0]}


def conduct(body: Callable[[Campaign], dict[str, Any]], campaign: Campaign) -> dict[str, Any]:
    """A campaign from its beginning to the comparison at its end."""
    from tests.torture.verify import broken_promises

    options = campaign.options
    editor = Editor(str(campaign.folder / "editor.out"), options.seed, options.rate)
    more = body(campaign)
    more["edits"] = editor.stop()
    say(f"  {campaign.kills} kills, {more['edits']} edits; now an undisturbed run …")
    campaign.settle()
    campaign.broken += broken_promises()
    return campaign.report(**more)
