"""Tells the people who run the site that replication has stopped, once per incident.

An incident begins with the first run that stops for a reason which does not pass by itself, and
ends with the next run that gets through. Reasons that replace each other are one incident each.
Nobody is mailed of the end: the signal tells it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from wagtail_salesforce.background import enqueue, outline
from wagtail_salesforce.conf import conf
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.contacts.collisions import despite_collisions, update_rows
from wagtail_salesforce.replication.extensions import last_failure
from wagtail_salesforce.replication.models import Incident, Run
from wagtail_salesforce.replication.telling import tell
from wagtail_salesforce.replication.wording import LASTING, RUNS_THAT_LAST, words_of
from wagtail_salesforce.signals import incident_began, incident_ended


logger = logging.getLogger("wagtail_salesforce")

#: These pass by themselves, or are what somebody has asked for.
QUIET = frozenset(
    {
        "disabled",
        "busy",
        "lease_lost",
        "interrupted",
        "api_reserve",
        "request_limit",
        "bulk_failed",
    }
)
#: What a run that makes no call can tell to be over: its checks come before the first call.
KNOWN_WITHOUT_A_CALL = frozenset(
    {
        "database_unavailable",
        "not_authorized",
        "unreadable_secret",
        "site_changed",
        "org_changed",
        "no_mapping",
        "score_missing",
        "minimum_points",
        "schedule_minutes",
        "batch_size",
        "invalid_lead_description",
        "no_default_company",
        "reserve_percent",
        "assignment_rule",
        "consent_missing",
    }
)


def note_end(reason: str, run: Run) -> None:
    """A run has ended, for this reason or (empty) because it was through."""
    incidents = Incident.objects.filter(ended_at=None)
    if not reason:
        _end(incident for incident in incidents if _is_over(incident, run))
    elif reason not in QUIET and _is_set_up():
        _end(incidents.exclude(reason=reason))
        _met(reason, run)


def _is_over(incident: Incident, run: Run) -> bool:
    """A run that had nothing to send has not asked Salesforce, and so proves little."""
    known = incident.reason in KNOWN_WITHOUT_A_CALL
    return known or Run.objects.filter(pk=run.pk, api_calls__gt=0).exists()


def _is_set_up() -> bool:
    """Nobody is alerted of a site that has never been connected."""
    return Connection.load().status != Connection.Status.EMPTY


def _met(reason: str, run: Run) -> None:
    incident = despite_collisions(partial(_counted, reason))
    needed = _runs_needed(incident)
    if incident.runs == needed:
        tell(incident_began, Incident, incident=incident)
    if incident.runs >= needed and incident.told_at is None and conf().ALERT_EMAILS:
        _alert(run, incident.pk, last_failure() if reason == "extension_failed" else "")


def _alert(run: Run, incident_id: int, failed: str) -> None:
    """By the queue, so that nobody waits for a mail server; but a command may be there because no
    cluster is, and then nobody would take the task before the incident is over."""
    if run.trigger != Run.Trigger.COMMAND:
        enqueue(send_alert, incident_id, failed)
        return
    try:
        send_alert(incident_id, failed)
    except Exception as error:  # noqa: BLE001 - every mail backend has errors of its own
        logger.error("The alert could not be mailed: %s", outline(error))


def _counted(reason: str) -> Incident:
    """The incident with one run more.

    Its row stays locked from the count to the reading of it, so that of several workers only one
    sees it reach the number that is told.
    """
    rows = Incident.objects.filter(open_reason=reason)
    count = {"runs": F("runs") + 1}
    with transaction.atomic():
        if not rows.update(**count):
            new = Incident(reason=reason, open_reason=reason)
            Incident.objects.bulk_create([new], ignore_conflicts=True)
            rows.update(**count)
        return rows.get()


def _runs_needed(incident: Incident) -> int:
    return RUNS_THAT_LAST if incident.reason in LASTING else 1


def _end(incidents: Iterable[Incident]) -> None:
    for incident in incidents:
        ended = Incident.objects.filter(pk=incident.pk, ended_at=None)
        now_ended = update_rows(ended, ended_at=timezone.now(), open_reason=None)
        if now_ended and incident.runs >= _runs_needed(incident):
            tell(incident_ended, Incident, incident=incident)


def send_alert(incident_id: int, failed: str = "") -> dict[str, Any]:
    """Mail what is the matter and how to cure it, unless it is over; the task of the queue.

    `failed` is the function of the site's own code that failed, where one has. Until the mail
    server has taken it, every further run of the incident tries again.
    """
    waiting = Incident.objects.filter(pk=incident_id, told_at=None, ended_at=None)
    if not waiting.update(told_at=timezone.now()):
        return {"state": "finished", "sent": 0}
    incident = Incident.objects.get(pk=incident_id)
    try:
        sent = send_mail(_subject(), _text(incident, failed), None, conf().ALERT_EMAILS)
    except Exception:
        Incident.objects.filter(pk=incident_id).update(told_at=None)
        raise
    return {"state": "finished", "sent": sent}


def _subject() -> str:
    words, name = _("Salesforce replication has stopped"), _site_name()
    return f"{words}: {name}" if name else words


def _site_name() -> str:
    """What the site is called, or else its host; in one line, as a subject has to be."""
    name = getattr(django_settings, "WAGTAIL_SITE_NAME", "") or urlsplit(_base_url()).netloc
    return " ".join(str(name).split())


def _base_url() -> str:
    return (getattr(django_settings, "WAGTAILADMIN_BASE_URL", "") or "").rstrip("/")


def _text(incident: Incident, failed: str) -> str:
    return "\n".join([*_matter(incident, failed), "", *_place()])


def _matter(incident: Incident, failed: str) -> Iterable[str]:
    reason = words_of(incident.reason, incident.runs)
    yield str(reason.text)
    if failed:
        yield _("The function is %(name)s.") % {"name": failed}
    if incident.reason in LASTING:
        yield _("This has stopped %(runs)s runs in a row.") % {"runs": incident.runs}
    yield str(reason.cure)


def _place() -> Iterable[str]:
    """Which of perhaps many sites it is, and where to look."""
    name, base = _site_name(), _base_url()
    if name or base:
        yield _("Site: %(site)s") % {"site": ", ".join(filter(None, [name, base]))}
    yield _(
        "Contacts wait and nothing is lost. See Settings, Integration, Salesforce in the admin."
    )
    if base:
        yield f"{base}{reverse('wagtail_salesforce:panel')}"
