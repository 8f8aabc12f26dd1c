"""A run in a sentence: what it came to, and what to do where it did not end well."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_salesforce.exceptions import REASONS, Text
from wagtail_salesforce.replication.lease import LEASE_TIME
from wagtail_salesforce.replication.models import Run


COUNTS = {
    "created": gettext_lazy("%(count)s created"),
    "updated": gettext_lazy("%(count)s updated"),
    "unchanged": gettext_lazy("%(count)s unchanged"),
    "suspended": gettext_lazy("%(count)s suspended"),
    "excluded": gettext_lazy("%(count)s excluded"),
    "postponed": gettext_lazy("%(count)s to be tried again later"),
}

#: Runs that found nothing: no contact counted, and Salesforce not called.
IDLE = Q(state=Run.State.FINISHED, reason="", api_calls=0, **dict.fromkeys(COUNTS, 0))

#: What a run changes; a contact that it looked at and left as it was is not among that.
CHANGES = tuple(name for name in COUNTS if name != "unchanged")

#: Runs that changed nothing, although they may have looked at contacts.
FRUITLESS = Q(state=Run.State.FINISHED, reason="", **dict.fromkeys(CHANGES, 0))


@dataclass(frozen=True)
class RunView:
    """A run with its words. `tone` is "plain", "good" or "warning"."""

    run: Run
    title: Text
    sentence: str
    cure: Text = ""
    tone: str = "plain"
    under_way: bool = False


def run_view(run: Run) -> RunView:
    """Say what a run came to."""
    if run.state == Run.State.RUNNING:
        return _running(run)
    if run.state == Run.State.STOPPED:
        return _stopped(run)
    sentence = counts_text(run) or _nothing(run)
    return RunView(run, run.get_state_display(), sentence, tone="good")


def _nothing(run: Run) -> str:
    return _("Nothing was due.") if is_idle(run) else _("Nothing had to be sent.")


def is_idle(run: Run) -> bool:
    """Whether a run found nothing to do; `IDLE` asks the database the same."""
    nothing = not any(getattr(run, name) for name in (*COUNTS, "api_calls"))
    return run.state == Run.State.FINISHED and not run.reason and nothing


def is_fruitless(run: Run) -> bool:
    """Whether a run changed nothing; `FRUITLESS` asks the database the same."""
    changed = any(getattr(run, name) for name in CHANGES)
    return run.state == Run.State.FINISHED and not run.reason and not changed


def of_a_former_connection(view: RunView, authorized_at: datetime | None) -> RunView:
    """A run that stopped before the present authorization: its cure may have been taken."""
    ended = view.run.finished_at
    if view.run.state != Run.State.STOPPED or not (ended and authorized_at):
        return view
    if ended >= authorized_at:
        return view
    return replace(view, cure=_("That was before the present connection was made."))


def _running(run: Run) -> RunView:
    if is_silent(run):
        text = _("It has given no sign of life for some minutes.")
        cure = _("The next run goes on where it stopped.")
        return RunView(run, _("Interrupted"), text, cure, "warning")
    so_far = counts_text(run)
    text = _("So far: %(counts)s") % {"counts": so_far} if so_far else _("Contacts are being sent.")
    return RunView(run, _("Under way"), text, under_way=True)


def is_silent(run: Run) -> bool:
    """Whether a run that has not ended seems to be dead: a live one shows itself in time."""
    return run.heartbeat_at < timezone.now() - LEASE_TIME


def run_under_way() -> Run | None:
    """The newest run that is at work."""
    alive = Run.objects.filter(state=Run.State.RUNNING)
    return alive.filter(heartbeat_at__gte=timezone.now() - LEASE_TIME).first()


def _stopped(run: Run) -> RunView:
    reason = REASONS.get(run.reason)
    before = counts_text(run)
    parts = [reason.text if reason else run.reason, before and _("Before that: %s") % before]
    sentence = " ".join(str(part) for part in parts if part)
    title = run.get_state_display()
    return RunView(run, title, sentence, reason.cure if reason else "", "warning")


def counts_text(run: Run) -> str:
    """What became of how many contacts, without what did not happen; "" for nothing at all."""
    found = list(_counted(run))
    return f"{', '.join(found)}." if found else ""


def _counted(run: Run) -> Iterator[str]:
    for name, words in COUNTS.items():
        if count := getattr(run, name):
            yield words % {"count": number_format(count, force_grouping=True)}
