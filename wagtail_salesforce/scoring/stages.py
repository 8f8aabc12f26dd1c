"""The stages of a recalculation, step by step. Each step is one transaction of the caller.

    clear    what an earlier recalculation has left to tell is told
    build    chunk by chunk, the rows of the next generation are written beside those in force
    switch   one UPDATE puts them in force, unless the rules have changed since the beginning
    settle   chunk by chunk, what differs is told and the old rows are deleted

A step holds the contacts of its chunk before it reads the rules and the score, as does whoever
changes a contact (`update._refresh`), so the order in which the two come does not matter: who
comes second sees what the first has done. A contact that changes meanwhile is written by the
rules in force into the rows in force, and by the rules as they are into those being built.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db import connection
from django.db.models import F, Q
from django.utils import timezone

from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.scoring.building import build, chunk_size
from wagtail_salesforce.scoring.inforce import ScoreRules
from wagtail_salesforce.scoring.models import Score, ScorePoints
from wagtail_salesforce.scoring.settle import settle
from wagtail_salesforce.scoring.snapshot import snapshot_of


Status = Score.Status

CLEAR, BUILD, SETTLE = "clear", "build", "settle"

#: How many contacts are settled in a step.
SETTLED_CHUNK = 20_000


@dataclass(frozen=True)
class Place:
    """Where a recalculation goes on: after the contact `last`, by the rules of `revision`."""

    stage: str
    last: int = 0
    revision: int = 0
    generation: int = 0


@dataclass(frozen=True)
class Progress:
    """What a step did. `place` is None when nothing is left; `total` is set at a beginning."""

    place: Place | None = None
    done: int = 0
    total: int | None = None


def advance(score_id: int, place: Place | None, chunk: int | None = None) -> Progress:
    """Do the next step. Begins anew by itself when the rules have changed since its beginning."""
    score = Score.objects.filter(pk=score_id).first()
    if score is None:
        return Progress()
    if place is not None and place.stage != BUILD:
        return _settle_some(score, place, chunk or SETTLED_CHUNK)
    if place is None or not fits(score, place):
        return _begin(score)
    return _build_some(score, place, chunk)


def fits(score: Score, place: Place) -> bool:
    """Whether what was built so far is still what the score needs."""
    building = (score.revision, score.building)
    return building == (place.revision, place.generation)


def _begin(score: Score) -> Progress:
    if score.former_generation is not None:
        return Progress(Place(CLEAR))
    Score.objects.filter(pk=score.pk).update(
        status=Status.RECALCULATING,
        newest_generation=F("newest_generation") + 1,
        recalculate_at=None,
    )
    score.refresh_from_db()
    place = Place(BUILD, 0, score.revision, score.newest_generation)
    return Progress(place, total=Contact.objects.count())


def _build_some(score: Score, place: Place, chunk: int | None) -> Progress:
    ids = _hold(place.last, chunk or chunk_size(score))
    if not ids:
        return Progress(_switch(score, place))
    # Read again after the contacts are held.
    current = Score.objects.filter(pk=score.pk).first()
    if current is not None and fits(current, place):
        build(ids, ScoreRules(current, list(current.rules.order_by("pk"))), timezone.now())
        return Progress(replace(place, last=ids[-1]), len(ids))
    return Progress(place)


def _hold(last: int, chunk: int) -> list[int]:
    no_key = connection.features.has_select_for_no_key_update
    contacts = Contact.objects.select_for_update(no_key=no_key).filter(pk__gt=last)
    return list(contacts.order_by("pk").values_list("pk", flat=True)[:chunk])


def _switch(score: Score, place: Place) -> Place:
    """Put what was built in force at once. Changed rules are noticed by the next step.

    The rules are read before the update looks whether they have changed since the beginning.
    """
    _let_the_database_know()
    # The points of a score that is off grow old at once.
    status = Status.READY if score.enabled else Status.RECALCULATION_REQUIRED
    switched = Score.objects.filter(
        pk=score.pk,
        status=Status.RECALCULATING,
        revision=place.revision,
        newest_generation=place.generation,
    ).update(
        former_generation=F("generation"),
        generation=place.generation,
        status=status,
        recalculated_at=timezone.now(),
        rules_in_force=snapshot_of(score.rules.order_by("pk")),
    )
    return replace(place, stage=SETTLE, last=0) if switched else place


def _let_the_database_know() -> None:
    """PostgreSQL plans by what it knows of a table: that the new generation is not a rare one."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f'ANALYZE "{ScorePoints._meta.db_table}" (score_id, generation)')


def _settle_some(score: Score, place: Place, chunk: int) -> Progress:
    ids = _hold(place.last, chunk)
    if ids:
        current = Score.objects.filter(pk=score.pk).first()
        if current is not None:
            settle(current, Q(contact_id__gt=place.last, contact_id__lte=ids[-1]))
        return Progress(replace(place, last=ids[-1]))
    Score.objects.filter(pk=score.pk).update(former_generation=None)
    return _after_settling(score, place)


def _after_settling(score: Score, place: Place) -> Progress:
    """Go on with the beginning, or begin anew when the rules changed after the switch."""
    changed = score.status == Status.RECALCULATION_REQUIRED and score.revision != place.revision
    if place.stage == CLEAR or changed:
        score.refresh_from_db()
        return _begin(score)
    return Progress()
