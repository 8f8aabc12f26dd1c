"""Tells people that contacts have reached a score's limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_salesforce.background import enqueue
from wagtail_salesforce.scoring.models import Score


#: So many contacts stand in one mail; a recalculation may carry thousands over the limit.
MOST_NAMED = 20


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


def notify_of_crossings(score: Score, contact_ids: Sequence[int]) -> None:
    """Queue one notification of contacts who crossed together; nothing is mailed in the visitor's
    request. `contact_ids` is not empty."""
    if addresses(score.notify_addresses):
        enqueue(send_notification, score.pk, list(contact_ids[:MOST_NAMED]), len(contact_ids))


def send_notification(score_id: int, contact_ids: list[int], count: int) -> dict[str, Any]:
    """Mail that contacts have reached the limit. Who they are stands in the admin, not in the mail."""
    score = Score.objects.get(pk=score_id)
    subject = ngettext(
        "A contact has reached %(points)s points in “%(score)s”",
        "%(count)s contacts have reached %(points)s points in “%(score)s”",
        count,
    )
    values = {"score": score.name, "points": score.notify_at, "count": count}
    message = _message(contact_ids, count)
    sent = send_mail(subject % values, message, None, addresses(score.notify_addresses))
    return {"state": "finished", "sent": sent}


def _message(contact_ids: Sequence[int], count: int) -> str:
    base = getattr(django_settings, "WAGTAILADMIN_BASE_URL", "")
    lines = [_("See them under Contacts in the admin of %(site)s.") % {"site": base}, ""]
    lines += [_("Contact %(number)s") % {"number": number} for number in contact_ids]
    if more := count - len(contact_ids):
        lines.append(_("and %(count)s more") % {"count": more})
    return "\n".join(lines)
