"""Tells the people who run the site that replication has stopped, once per incident.

An incident begins with the first run that stops for a reason which does not pass by itself, and
ends with the next run that gets through. Reasons that replace each other are one incident each.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings as django_settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from wagtail_salesforce.background import enqueue
from wagtail_salesforce.conf import conf
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.exceptions import REASONS
from wagtail_salesforce.replication.models import Incident
from wagtail_salesforce.signals import incident_began, incident_ended


#: These pass by themselves, or are what somebody has asked for.
QUIET = frozenset({"disabled", "busy", "lease_lost", "api_reserve", "request_limit"})
#: Salesforce may be away for a while; only what lasts is an incident.
LASTING = frozenset({"org_unavailable"})
RUNS_THAT_LAST = 4


def note_end(reason: str) -> None:
    """A run has ended, for this reason or (empty) because it was through."""
    if not reason:
        _end(Incident.objects.filter(ended_at=None))
    elif reason not in QUIET and _is_set_up():
        _end(Incident.objects.filter(ended_at=None).exclude(reason=reason))
        _met(reason)


def _is_set_up() -> bool:
    """Nobody is alerted of a site that has never been connected."""
    return Connection.load().status != Connection.Status.EMPTY


def _met(reason: str) -> None:
    with transaction.atomic():
        open_ones = Incident.objects.select_for_update().filter(ended_at=None, reason=reason)
        incident = open_ones.first() or Incident.objects.create(reason=reason)
        incident.runs += 1
        told = incident.told_at is not None
        if not told and incident.runs >= (RUNS_THAT_LAST if reason in LASTING else 1):
            incident.told_at = timezone.now()
            _tell(incident)
        incident.save()


def _tell(incident: Incident) -> None:
    incident_began.send(sender=Incident, incident=incident)
    if conf().ALERT_EMAILS:
        enqueue(send_alert, incident.pk)


def _end(incidents: Any) -> None:
    for incident in incidents:
        ended = Incident.objects.filter(pk=incident.pk, ended_at=None)
        if ended.update(ended_at=timezone.now()) and incident.told_at:
            incident_ended.send(sender=Incident, incident=incident)


def send_alert(incident_id: int) -> dict[str, Any]:
    """Mail what is the matter and how to cure it; the task of the queue."""
    incident = Incident.objects.get(pk=incident_id)
    reason = REASONS[incident.reason]
    base = getattr(django_settings, "WAGTAILADMIN_BASE_URL", "") or ""
    lines = [
        str(reason.text),
        str(reason.cure),
        "",
        _("Contacts wait and nothing is lost. See Settings, Integration, Salesforce in the admin."),
        base,
    ]
    sent = send_mail(
        _("Salesforce replication has stopped"), "\n".join(lines), None, conf().ALERT_EMAILS
    )
    return {"state": "finished", "sent": sent}
