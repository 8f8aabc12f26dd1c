"""Tells people that a contact has reached a score's limit."""

from __future__ import annotations

from typing import Any

from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from wagtail_salesforce.background import enqueue
from wagtail_salesforce.scoring.models import Score


def addresses(text: str) -> list[str]:
    """The addresses of a score's notification: one a line, or parted by commas."""
    return [part.strip() for part in text.replace(",", "\n").splitlines() if part.strip()]


def bad_addresses(text: str) -> list[str]:
    """Those that are no e-mail addresses."""
    return [address for address in addresses(text) if not _is_address(address)]


def _is_address(address: str) -> bool:
    try:
        validate_email(address)
    except ValidationError:
        return False
    return True


def notify_of_crossing(score: Score, contact_id: int) -> None:
    """Queue the notification; nothing is mailed in the visitor's request."""
    if addresses(score.notify_addresses):
        enqueue(send_notification, score.pk, contact_id)


def send_notification(score_id: int, contact_id: int) -> dict[str, Any]:
    """Mail that a contact has reached the limit. Who it is stands in the admin, not in the mail."""
    score = Score.objects.get(pk=score_id)
    base = getattr(django_settings, "WAGTAILADMIN_BASE_URL", "")
    values = {"score": score.name, "points": score.notify_at, "contact": contact_id, "site": base}
    subject = _("A contact has reached %(points)s points in “%(score)s”") % values
    message = _(
        "Contact %(contact)s has reached %(points)s points in the score “%(score)s”. "
        "See it under Contacts in the admin of %(site)s."
    )
    sent = send_mail(subject, message % values, None, addresses(score.notify_addresses))
    return {"state": "finished", "sent": sent}
