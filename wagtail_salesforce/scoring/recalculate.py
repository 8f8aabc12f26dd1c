"""Computes a score's points anew for all contacts, in the background.

Until a contact's turn comes it keeps the points it has; each chunk is replaced in one
transaction. A contact that changes meanwhile is computed wholly by the rules in force
(`update.refresh_points`), so the order in which the two come does not matter.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from wagtail_salesforce import background
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.scoring.inforce import ScoreRules
from wagtail_salesforce.scoring.models import Score
from wagtail_salesforce.scoring.points import recompute


Status = Score.Status


def require_recalculation(score_id: int) -> None:
    """The rules of a score have changed, or it is not kept up to date: its points are old ones."""
    Score.objects.filter(pk=score_id).update(
        status=Status.RECALCULATION_REQUIRED, revision=F("revision") + 1
    )


def request_recalculation(score: Score) -> None:
    """Recalculate in the background once this transaction is committed.

    Call it after rules of a score have been saved or deleted, or after it was enabled. It waits
    in django-q2's queue until a cluster takes it.
    """
    background.enqueue(recalculate_in_background, score.pk)


def recalculate_in_background(score_id: int) -> dict[str, Any]:
    """The task: recalculate this score unless it is gone; the number of contacts done."""
    score = Score.objects.filter(pk=score_id).first()
    contacts = recalculate(score) if score else 0
    return {"state": "finished", "contacts": contacts}


def recalculate(score: Score, chunk: int = 2000) -> int:
    """Compute the points of all contacts anew; how many contacts were done.

    Ends early when the rules change meanwhile: the score then still requires a recalculation.
    An error leaves the status `failed` and is raised.
    """
    revision = _begin(score)
    done = last = 0
    try:
        while ids := _next_chunk(score.pk, revision, last, chunk):
            done, last = done + len(ids), ids[-1]
    except Exception:
        _end(score, revision, status=Status.FAILED)
        raise
    # The points of a score that is off grow old at once.
    status = Status.READY if score.enabled else Status.RECALCULATION_REQUIRED
    _end(score, revision, status=status, recalculated_at=timezone.now())
    return done


def _begin(score: Score) -> int:
    Score.objects.filter(pk=score.pk).update(status=Status.RECALCULATING)
    score.refresh_from_db()
    return score.revision


def _end(score: Score, revision: int, **columns: Any) -> None:
    """Record the end, unless the rules have changed since the beginning."""
    Score.objects.filter(pk=score.pk, revision=revision).update(**columns)
    score.refresh_from_db()


@transaction.atomic
def _next_chunk(score_id: int, revision: int, last: int, chunk: int) -> list[int]:
    """Do the contacts after this id; their ids. None are left, or the rules are others: []."""
    ids = _hold(last, chunk)
    # Read again in every chunk, and after the contacts are held: see `update._refresh`.
    score = Score.objects.filter(pk=score_id, revision=revision).first()
    if not ids or score is None:
        return []
    entry = ScoreRules(score, list(score.rules.order_by("pk")))
    recompute(ids, [entry], lambda contact_id, rule: True, timezone.now())
    return ids


def _hold(last: int, chunk: int) -> list[int]:
    no_key = connection.features.has_select_for_no_key_update
    contacts = Contact.objects.select_for_update(no_key=no_key).filter(pk__gt=last)
    return list(contacts.order_by("pk").values_list("pk", flat=True)[:chunk])
