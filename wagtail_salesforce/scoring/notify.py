"""Tells people that contacts have reached a score's limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_salesforce.contacts import bulk
from wagtail_salesforce.contacts.attempts import log_error
from wagtail_salesforce.scoring.models import Crossing, Score


#: So many contacts stand in one mail; a recalculation may carry thousands over the limit.
MOST_NAMED = 20
MOST_AT_ONCE = 10_000


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
    """Remember who crossed, for the next mail; nothing is mailed in the visitor's request."""
    if addresses(score.notify_addresses):
        rows = [{"score_id": score.pk, "contact_id": pk} for pk in contact_ids]
        bulk.insert(Crossing, rows)


def send_waiting() -> dict[str, Any]:
    """The task of each minute: one mail for each score with all who crossed since the last one.

    Where the mail server refuses, they wait for the next minute, and nobody is told twice.
    """
    sent = 0
    waiting = Crossing.objects.order_by("score_id").values_list("score_id", flat=True).distinct()
    for score_id in list(waiting):
        try:
            sent += _send_of(score_id)
        except OSError as error:
            log_error("a notification of a score could not be mailed", error)
    return {"state": "finished", "sent": sent}


@transaction.atomic
def _send_of(score_id: int) -> int:
    """Only the waiting rows are held while the mail goes out, and nothing is written before: visitors
    whose points are of this score do not wait for a mail server. A second worker passes them over."""
    skip = connection.features.has_select_for_update_skip_locked
    waiting = Crossing.objects.select_for_update(skip_locked=skip).filter(score_id=score_id)
    held = list(waiting.order_by("pk").values_list("pk", "contact_id")[:MOST_AT_ONCE])
    score = Score.objects.filter(pk=score_id).first()
    if score is None or not held:
        return 0
    sent = _mail(score, [contact_id for _pk, contact_id in held[:MOST_NAMED]], len(held))
    numbers = bulk.among([pk for pk, _contact_id in held], "bigint")
    Crossing.objects.filter(pk__in=numbers).delete()
    return sent


def _mail(score: Score, contact_ids: Sequence[int], count: int) -> int:
    """Mail that contacts have reached the limit. Who they are stands in the admin, not in the mail.

    Nobody is told when the limit or the addresses are gone meanwhile.
    """
    people = addresses(score.notify_addresses)
    if score.notify_at is None or not people:
        return 0
    subject = ngettext(
        "A contact has reached %(points)s points in “%(score)s”",
        "%(count)s contacts have reached %(points)s points in “%(score)s”",
        count,
    )
    values = {"score": score.name, "points": score.notify_at, "count": count}
    return send_mail(subject % values, _message(contact_ids, count), None, people)


def _message(contact_ids: Sequence[int], count: int) -> str:
    base = getattr(django_settings, "WAGTAILADMIN_BASE_URL", "")
    lines = [_("See them under Contacts in the admin of %(site)s.") % {"site": base}, ""]
    lines += [_("Contact %(number)s") % {"number": number} for number in contact_ids]
    if more := count - len(contact_ids):
        lines.append(_("and %(count)s more") % {"count": more})
    return "\n".join(lines)
