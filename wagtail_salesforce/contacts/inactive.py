"""Deletes contacts who have not been heard of for long, by the rule an editor sets."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wagtail_salesforce.contacts.erase import CHUNK, erase
from wagtail_salesforce.contacts.models import Contact, InactiveContactRule
from wagtail_salesforce.jobs import Step, register, start
from wagtail_salesforce.jobs.models import Job, latest_job
from wagtail_salesforce.signals import inactive_sparing


KIND = "erase_inactive"


def register_jobs() -> None:
    """Make the job of the rule known; called when the app is ready."""
    register(
        KIND,
        work,
        label=_("Deleting inactive contacts"),
        permission="wagtail_salesforce.erase_contact",
        counts={
            "contacts": _("contacts deleted"),
            "activities": _("activities deleted"),
            "protected": _("kept, as other records of the website protect them"),
        },
    )


def inactive_contacts(rule: InactiveContactRule, now: datetime | None = None) -> QuerySet[Contact]:
    """The contacts that the rule means, whether or not it is enabled."""
    before = (now or timezone.now()) - timedelta(days=rule.days)
    silent = Q(last_activity_at__lt=before) | Q(last_activity_at=None, created_at__lt=before)
    contacts = Contact.objects.filter(silent)
    if rule.only_anonymous:
        contacts = contacts.filter(email_key=None, user=None)
    for _receiver, spared in inactive_sparing.send(sender=InactiveContactRule, rule=rule):
        contacts = contacts.exclude(spared)
    return contacts


def start_daily() -> Job | None:
    """Queue the job where the rule is enabled and finds somebody; None otherwise.

    A job that is still under way goes on instead.
    """
    rule = InactiveContactRule.load()
    job = latest_job(KIND)
    if not rule.enabled or (job and not job.is_over) or not inactive_contacts(rule).exists():
        return None
    return start(KIND)


def work(job: Job, cursor: Any) -> Step:
    """One step of the job: a thousand contacts. A rule that is switched off meanwhile ends it.

    The contacts are held while they are judged, so that nobody who comes back at this moment is
    deleted.
    """
    rule = InactiveContactRule.load()
    ids = _held(rule, cursor or 0) if rule.enabled else []
    erased = erase(ids)
    counts = erased.as_counts()
    del counts["leads"]
    last = ids[-1] if ids else cursor
    return Step(last, erased.contacts, counts, finished=len(ids) < CHUNK)


def _held(rule: InactiveContactRule, after: int) -> list[int]:
    of = ("self",) if connection.features.has_select_for_update_of else ()
    contacts = inactive_contacts(rule).filter(pk__gt=after).order_by("pk")
    return list(contacts.select_for_update(of=of).values_list("pk", flat=True)[:CHUNK])
