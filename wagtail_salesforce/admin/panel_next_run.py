"""When the next run is, and why there may be none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _

from wagtail_salesforce import background
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.replication.schedule import REPLICATION
from wagtail_salesforce.scoring.words import moment


@dataclass(frozen=True)
class NextRun:
    """The sentence about the next run. `setting` is the field of the panel that changes it."""

    text: str
    cure: str = ""
    setting: str = ""
    command: str = ""
    alarm: bool = False


def next_run(settings: ReplicationSettings, stopped: bool, command: str) -> NextRun:
    """When the next run is; `stopped` says that it would not come far, for a named problem."""
    if not settings.enabled:
        text = _("None: replication is switched off.")
        return NextRun(text, setting="id_enabled")
    if not settings.schedule_enabled:
        text = _("None by itself: the schedule is switched off.")
        return NextRun(text, setting="id_schedule_enabled")
    planned = background.next_run(REPLICATION)
    if planned is None:
        text = _("None is planned, although the schedule is switched on.")
        return NextRun(text, _("Save the replication settings: that plans it anew."), alarm=True)
    return _planned(planned, stopped, command)


def _planned(planned: datetime, stopped: bool, command: str) -> NextRun:
    late = timezone.now() - planned
    if late > background.OVERDUE:
        text = _("It has been overdue since %(moment)s (%(late)s).")
        values = {"moment": moment(planned), "late": timesince(planned, depth=1)}
        cure = _("The background worker does not run. Somebody has to start this on the server:")
        return NextRun(text % values, cure, command=command, alarm=True)
    if stopped:
        text = _("%(moment)s, but it sends nothing until the problems above are put right.")
        return NextRun(text % {"moment": moment(planned)})
    if late > -timedelta(minutes=1):
        return NextRun(_("It starts within a minute."))
    values = {"moment": moment(planned), "wait": timeuntil(planned, depth=1)}
    return NextRun(_("%(moment)s (in %(wait)s)") % values)
