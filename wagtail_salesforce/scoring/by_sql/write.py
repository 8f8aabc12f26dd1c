"""Writes the points of a chunk of contacts by one statement."""

from __future__ import annotations

from functools import lru_cache

from django.db import DatabaseError, connection, transaction

from wagtail_salesforce.scoring.by_sql.fragments import Sql, join, sql
from wagtail_salesforce.scoring.by_sql.plan import Plan, Rules, can_be_said
from wagtail_salesforce.scoring.by_sql.windows import zone_name
from wagtail_salesforce.scoring.held import TOTAL_BOUND
from wagtail_salesforce.scoring.models import Score, ScorePoints
from wagtail_salesforce.scoring.rules import ActivityRule


POINTS = f'"{ScorePoints._meta.db_table}"'

MOMENT = 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'


#: PostgreSQL takes at most 100 arguments of a function, and some 1,600 columns.
ARGUMENTS = 90
MOST_RULES = 400


def fits(rules: Rules) -> bool:
    """Whether this database computes these rules itself."""
    if connection.vendor != "postgresql" or len(rules) > MOST_RULES:
        return False
    return can_be_said(rules) and _zones_known(rules)


def _zones_known(rules: Rules) -> bool:
    windows = [rule.window for rule in rules.values() if isinstance(rule, ActivityRule)]
    return all(_zone_known(str(zone_name(window))) for window in windows if window)


@lru_cache(maxsize=8)
def _zone_known(name: str) -> bool:
    """Whether the database has this time zone; asked once per process."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT now() AT TIME ZONE %s", [name])
    except DatabaseError:
        return False
    return True


def write_chunk(score: Score, plan: Plan) -> list[int]:
    """Write the rows of the generation being built; the contacts that Python has to compute.

    The caller holds the contacts. Rows are written for those with points and for those who hold
    a row now.
    """
    with connection.cursor() as cursor:
        # Compiling takes longer than the query; the memory is for its sums. The place where the
        # recalculation goes on is in the same transaction: were it lost with the power, the step
        # would be done again.
        cursor.execute(
            "SET LOCAL jit = off; SET LOCAL work_mem = '64MB'; SET LOCAL synchronous_commit = off"
        )
        statement = _statement(score, plan)
        cursor.execute(statement.text, statement.params)
        return [pk for (pk,) in cursor.fetchall()]


def _statement(score: Score, plan: Plan) -> Sql:
    return sql(
        "WITH r AS MATERIALIZED ({}), written AS ("  # noqa: S608
        f"INSERT INTO {POINTS} (score_id, contact_id, generation, points, expires_at, shares)"
        " SELECT {}, r.id, {}, {}, {}, ({})::jsonb FROM r WHERE NOT r.odd AND ({} OR EXISTS ("
        f"SELECT 1 FROM {POINTS} h WHERE h.contact_id = r.id AND h.contact_id > {{}}"
        " AND h.contact_id <= {} AND h.score_id + 0 = {} AND h.generation + 0 = {}))"
        " ON CONFLICT (contact_id, score_id, generation) DO NOTHING) SELECT r.id FROM r WHERE r.odd",
        plan.query(),
        score.pk,
        score.building,
        _total(plan),
        _expires_at(plan),
        _shares(plan),
        _anything(plan),
        plan.span.first,
        plan.span.last,
        score.pk,
        score.generation,
    )


def _total(plan: Plan) -> Sql:
    sums = " + ".join(f"r.points_{pk}" for pk in plan.ids()) or "0"
    return Sql(f"GREATEST(-{TOTAL_BOUND}, LEAST({TOTAL_BOUND}, {sums}))::integer")


def _expires_at(plan: Plan) -> Sql:
    ends = ", ".join(f"r.expires_{pk}" for pk in sorted(plan.expiring()))
    return Sql(f"LEAST({ends})" if ends else "NULL::timestamptz")


def _anything(plan: Plan) -> Sql:
    parts = [f"r.points_{pk} <> 0" for pk in plan.ids()]
    parts += [f"r.expires_{pk} IS NOT NULL" for pk in sorted(plan.expiring())]
    return Sql(f"({' OR '.join(parts)})" if parts else "FALSE")


def _shares(plan: Plan) -> Sql:
    """The form of `Held.shares_json`."""
    parts = [_share(pk, pk in plan.expiring()) for pk in plan.ids()]
    if not parts:
        return sql("{}", "{}")
    some = [parts[start : start + ARGUMENTS] for start in range(0, len(parts), ARGUMENTS)]
    lists = [sql("NULLIF(concat_ws(',', {}), '')", join(", ", each)) for each in some]
    return sql("chr(123) || concat_ws(',', {}) || chr(125)", join(", ", lists))


def _share(pk: int, expires: bool) -> Sql:
    if not expires:
        return Sql(
            f"CASE WHEN r.points_{pk} <> 0 THEN '\"{pk}\":[' || r.points_{pk} || ',null]' END"
        )
    moment = sql(
        f"COALESCE('\"' || replace(to_char(r.expires_{pk} AT TIME ZONE 'UTC', {{}}), '.000000', '')"
        " || '\"', 'null')",
        MOMENT,
    )
    return sql(
        f"CASE WHEN r.points_{pk} <> 0 OR r.expires_{pk} IS NOT NULL THEN"
        f" '\"{pk}\":[' || r.points_{pk} || ',' || {{}} || ']' END",
        moment,
    )
