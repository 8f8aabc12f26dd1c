"""Activity rules in SQL: amounts per contact, and when they change by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.scoring.by_sql.checks import check_sql, written
from wagtail_salesforce.scoring.by_sql.fragments import Sql, all_of, any_of, sql
from wagtail_salesforce.scoring.by_sql.values import text
from wagtail_salesforce.scoring.by_sql.windows import LATEST, end_sql, open_sql, zone_name
from wagtail_salesforce.scoring.rules import BOUND, ActivityRule
from wagtail_salesforce.scoring.tests import TEXTS


@dataclass(frozen=True)
class Span:
    """The contacts of a chunk: ids above `first` up to `last`."""

    first: int
    last: int


def can_be_said(rule: ActivityRule) -> bool:
    """Whether the rule can be said in SQL.

    The first activity still valid is a matter of its own for every moment to come, so rules that
    count once, by value and for a period are left to Python.
    """
    if rule.window and (zone_name(rule.window) is None or (rule.per_value and not rule.recurring)):
        return False
    return all(written(check) for _name, check in rule.tests.checks)


def is_grouped(rule: ActivityRule) -> bool:
    """Whether one pass over all activities, group by group, is enough."""
    return not rule.per_value or (rule.window is None and rule.recurring)


def chosen(span: Span) -> Sql:
    """The activities `a` of the contacts of a chunk."""
    return sql("a.contact_id > {} AND a.contact_id <= {}", span.first, span.last)


def matches(rule: ActivityRule) -> Sql:
    """Whether the activity `a` counts for the rule, whatever its time."""
    parts = [sql("a.type = {}", rule.activity_type)]
    if rule.tests.pages:
        parts.append(sql("a.page_id = ANY({})", sorted(rule.tests.pages)))
    if rule.per_value:
        parts.append(Sql("a.value IS NOT NULL"))
    parts += [check_sql(check, _value(name, check.kind)) for name, check in rule.tests.checks]
    return all_of(parts)


def _value(name: str, kind: FieldType) -> Sql:
    column = Sql(f'a."{name}"')
    return text(column).value if kind in TEXTS else column


def odd(rules: Sequence[ActivityRule]) -> Sql:
    """Whether an activity `a` of a contact is beyond what SQL and Python see alike."""
    return any_of(dict.fromkeys(part for rule in rules for part in _odd_parts(rule)))


def _odd_parts(rule: ActivityRule) -> Iterator[Sql]:
    kind = sql("a.type = {}", rule.activity_type)
    for name, check in rule.tests.checks:
        if check.kind in TEXTS:
            yield sql("({} AND {})", kind, text(Sql(f'a."{name}"')).odd)
    if rule.window:
        yield sql("a.occurred_at > {}::timestamptz", LATEST)


def grouped_columns(rule: ActivityRule, number: int, now: datetime) -> Iterator[Sql]:
    """The amount of a grouped rule as a column of the one pass, and what its end is told by."""
    if rule.window is None:
        what = "COALESCE(sum(a.value)" if rule.per_value else "(count(*)"
        plus = ", 0)" if rule.per_value else ")"
        yield sql(f"{what} FILTER (WHERE {{}}){plus} AS amount_{number}", matches(rule))
        return
    began = Sql("a.occurred_at")
    valid = sql("{} AND {}", matches(rule), open_sql(rule.window, began, now))
    yield sql(f"count(*) FILTER (WHERE {{}}) AS amount_{number}", valid)
    what = "array_agg" if _most(rule) is not None else "min" if rule.recurring else "max"
    end = end_sql(rule.window, began)
    yield sql(f"{what}({{}}) FILTER (WHERE {{}}) AS ends_{number}", end, valid)


def grouped_end(rule: ActivityRule, number: int) -> Sql:
    """When the points of a grouped rule with a window change by themselves.

    Every end changes the points of a recurring rule; the last one those of a single one. While
    more activities count than its maximum needs, the end that leaves too few.
    """
    ends, most = f"g.ends_{number}", _most(rule)
    if most is None:
        return Sql(ends)
    place = f"GREATEST(g.amount_{number} - {most}, 0)"
    return Sql(
        f"CASE WHEN g.amount_{number} < 2 THEN ({ends})[1 + {place}] ELSE"  # noqa: S608
        f" (SELECT e FROM unnest({ends}) AS e ORDER BY e OFFSET {place} LIMIT 1) END"
    )


def _most(rule: ActivityRule) -> int | None:
    """From how many activities on one more gives nothing more; None when every one does."""
    if rule.max_points is None or not rule.recurring:
        return None
    if (rule.max_points > 0) is not (rule.points > 0):
        return None
    return -(-abs(rule.max_points) // abs(rule.points))


def own_table(rule: ActivityRule, span: Span, now: datetime, table: str) -> Sql:
    """A query of contact_id, amount and expires_at for a rule that needs more than one pass."""
    return _first(rule, span, table) if rule.window is None else _walk(rule, span, now, table)


def _first(rule: ActivityRule, span: Span, table: str) -> Sql:
    return sql(
        "SELECT DISTINCT ON (a.contact_id) a.contact_id, a.value AS amount,"  # noqa: S608
        " NULL::timestamptz AS expires_at"
        f" FROM {table} a WHERE {{}} AND {{}} ORDER BY a.contact_id, a.occurred_at, a.id",
        chosen(span),
        matches(rule),
    )


def _walk(rule: ActivityRule, span: Span, now: datetime, table: str) -> Sql:
    """The first end after which the points are others: a walk along the ends."""
    later = points(rule, Sql("(w.total - w.gone)"))
    current = points(rule, Sql("w.total"))
    return sql(
        "SELECT w.contact_id, max(w.total) AS amount,"
        " min(w.e) FILTER (WHERE {} <> {}) AS expires_at FROM (SELECT v.contact_id, v.e,"
        " sum(v.amount) OVER (PARTITION BY v.contact_id) AS total,"
        " sum(v.amount) OVER (PARTITION BY v.contact_id ORDER BY v.e) AS gone"
        " FROM ({}) AS v) AS w GROUP BY w.contact_id",
        later,
        current,
        _valid(rule, span, now, table),
    )


def _valid(rule: ActivityRule, span: Span, now: datetime, table: str) -> Sql:
    assert rule.window is not None
    began = Sql("a.occurred_at")
    return sql(
        f"SELECT a.contact_id, a.value AS amount, {{}} AS e FROM {table} a"  # noqa: S608
        " WHERE {} AND {} AND {}",
        end_sql(rule.window, began),
        chosen(span),
        matches(rule),
        open_sql(rule.window, began, now),
    )


def points(rule: ActivityRule, amount: Sql) -> Sql:
    """The points for an amount: cut off, bounded and limited as `ActivityRule` does it."""
    if not rule.recurring and not rule.per_value:
        amount = sql("LEAST({}, 1)", amount)
    whole = "({})::bigint * {}" if not rule.per_value else "trunc(({})::numeric * {})"
    made = sql(f"GREATEST(-{BOUND}, LEAST({BOUND}, {whole}))", amount, rule.points)
    if rule.max_points is None:
        return made
    cap = "LEAST" if rule.max_points > 0 else "GREATEST"
    return sql(f"{cap}({{}}, {{}})", made, rule.max_points)


def beyond(rule: ActivityRule, amount: Sql) -> Sql:
    """Whether so much of the amount counts that not every end changes the points any more."""
    return sql("({} * {} > {})", amount, abs(rule.points), BOUND)
