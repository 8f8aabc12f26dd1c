"""Builds a chunk of the next generation of points: by the database where it can, else in Python."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.scoring import points
from wagtail_salesforce.scoring.by_sql.activities import Span
from wagtail_salesforce.scoring.by_sql.plan import Plan, Rules
from wagtail_salesforce.scoring.by_sql.write import fits, write_chunk
from wagtail_salesforce.scoring.compile import compile_rule
from wagtail_salesforce.scoring.evaluate import columns_of
from wagtail_salesforce.scoring.inforce import ScoreRules
from wagtail_salesforce.scoring.models import Rule, Score, ScorePoints


#: How many contacts a step does. Whoever submits a form meanwhile waits for their step to end.
CHUNK = 20_000
PYTHON_CHUNK = 2_000


def chunk_size(score: Score) -> int:
    """How many contacts of this score are done in a second or less."""
    return CHUNK if fits(_compiled(list(score.rules.order_by("pk")))) else PYTHON_CHUNK


def build(contact_ids: Sequence[int], entry: ScoreRules, now: datetime) -> None:
    """Write the rows of the generation being built for these contacts (ascending, all between the
    first and the last); nothing is told yet. The caller holds the contacts."""
    span = Span(contact_ids[0] - 1, contact_ids[-1])
    contacts = Q(contact_id__gt=span.first, contact_id__lte=span.last)
    rows = ScorePoints.objects.by_contact(entry.score, contacts)
    rows.filter(number=entry.score.building).delete()
    compiled = _compiled(entry.rules)
    if fits(compiled):
        contact_ids = write_chunk(entry.score, Plan(compiled, span, now))
    for start in range(0, len(contact_ids), PYTHON_CHUNK):
        points.build(contact_ids[start : start + PYTHON_CHUNK], entry, now)


def _compiled(rules: Sequence[Rule]) -> Rules:
    """The pure rules by id, without the broken ones, which give nothing."""
    names = columns_of(rules).attributes
    found = Attribute.objects.filter(name__in=names).values_list("name", "type") if names else ()
    types = {name: FieldType(kind) for name, kind in found}
    compiled = {rule.pk: compile_rule(rule, types) for rule in rules}
    return {pk: rule for pk, rule in compiled.items() if rule is not None}
