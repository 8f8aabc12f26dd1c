"""Which rows of points are in force.

A recalculation writes a new generation of rows beside those in force; one UPDATE of the score
switches. So every reader asks for the generation in force.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F, Q, QuerySet, Subquery


if TYPE_CHECKING:
    from wagtail_salesforce.scoring.models import Score


class ScorePointsQuerySet(QuerySet[Any, Any]):
    """Rows of points."""

    def in_force(self, score: Score | None = None) -> ScorePointsQuerySet:
        """The rows that count: of this score, or of all scores.

        With a score the generation is read once by the same statement, so that the indexes that
        begin with score and generation serve, and a switch in between cannot mix generations.
        """
        if score is None:
            return self.filter(generation=F("score__generation"))
        return self.filter(score=score, generation=generation_in_force(score))

    def by_contact(self, score: Score, contacts: Q) -> ScorePointsQuerySet:
        """The rows of a score for these contacts (a condition on `contact_id`), with `number` for
        their generation, through the index that begins with the contact.

        A database that has not seen a new generation yet takes it for rare, and would read all of
        it through an index that begins with score and generation, for every contact anew.
        """
        rows = self.alias(of_score=F("score_id") + 0, number=F("generation") + 0)
        return rows.filter(contacts, of_score=score.pk)


def generation_in_force(score: Score) -> Subquery:
    """The number of the generation in force, read by the statement that uses it."""
    scores = type(score)._default_manager.filter(pk=score.pk)
    return Subquery(scores.values("generation")[:1])
