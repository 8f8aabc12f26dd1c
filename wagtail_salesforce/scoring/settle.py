"""After a recalculation has switched to its rows: tells what differs and sweeps the old ones away.

Everything here is done for contacts that the caller holds, so it happens once for each of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import F, Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from wagtail_salesforce.scoring.held import Held
from wagtail_salesforce.scoring.inforce import ScoreRules
from wagtail_salesforce.scoring.models import Score, ScorePoints
from wagtail_salesforce.scoring.points import Row, recompute, write
from wagtail_salesforce.scoring.tell import PointsChange, tell


#: A contact with its points before the switch, and after it (None: no row in force).
Difference = tuple[int, int, int | None]


def settle(score: Score, contacts: Q) -> None:
    """Tell what the last switch changed for these contacts, and delete rows of former generations.

    `contacts` is a condition on `contact_id`. Two statements when nothing differs.
    """
    found = _differences(contacts, score)
    lonely = [contact_id for contact_id, _before, after in found if after is None]
    adopted = _adopt(lonely, score) if lonely else []
    _former_rows(contacts, score).delete()
    if score.former_generation is not None:
        tell([score], _changes(found, score))
    if adopted:
        entry = ScoreRules(score, list(score.rules.order_by("pk")))
        recompute(adopted, [entry], lambda contact_id, rule: True, timezone.now())


def settle_early(score: Score, contact_ids: Collection[int]) -> None:
    """Tell what the last switch changed for contacts that are about to change again.

    Their former rows become equal to those in force, so that it is not told a second time.
    """
    changes = _changes(_differences(Q(contact_id__in=contact_ids), score), score)
    write([Row(score.pk, each.contact_id, _former(score), Held(each.after)) for each in changes])
    tell([score], changes)


def _former(score: Score) -> int:
    assert score.former_generation is not None
    return score.former_generation


def _differences(contacts: Q, score: Score) -> list[Difference]:
    """The contacts whose points the last switch changed, or who have no row in force, in order.

    One pass over the rows of all generations: to look up one generation for each row of another
    takes ten times as long.
    """
    force, former = Q(number=score.generation), Q(number=score.former_generation)
    rows = ScorePoints.objects.by_contact(score, contacts).filter(number__lte=score.generation)
    found = (
        rows.values("contact_id")
        .annotate(
            before=Coalesce(Max("points", filter=former), 0), after=Max("points", filter=force)
        )
        .filter(Q(after=None) | ~Q(after=F("before")))
        .order_by("contact_id")
    )
    return list(found.values_list("contact_id", "before", "after"))


def _changes(found: Iterable[Difference], score: Score) -> list[PointsChange]:
    return [
        PointsChange(score.pk, contact_id, before, after)
        for contact_id, before, after in found
        if after is not None
    ]


def _former_rows(contacts: Q, score: Score) -> QuerySet[ScorePoints]:
    return ScorePoints.objects.by_contact(score, contacts).filter(number__lt=score.generation)


def _adopt(contact_ids: Collection[int], score: Score) -> list[int]:
    """Put old rows into force that have no successor; the contacts.

    Whoever was created by a transaction that began before the recalculation and ended after it
    was invisible to it, and wrote the generation that was in force when it began.
    """
    lonely = _former_rows(Q(contact_id__in=contact_ids), score).order_by("generation")
    newest = dict(lonely.values_list("contact_id", "pk"))
    ScorePoints.objects.filter(pk__in=newest.values()).update(generation=score.generation)
    return sorted(newest)
