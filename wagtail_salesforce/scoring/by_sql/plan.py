"""A whole score in SQL: one query of all its contacts' points, or the answer that there is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from wagtail_salesforce.contacts.models import Activity, Contact
from wagtail_salesforce.scoring.by_sql import activities, conditions
from wagtail_salesforce.scoring.by_sql.activities import Span
from wagtail_salesforce.scoring.by_sql.fragments import Sql, any_of, join, sql
from wagtail_salesforce.scoring.rules import ActivityRule, ContactRule, PointsRule


ACTIVITIES = f'"{Activity._meta.db_table}"'
CONTACTS = f'"{Contact._meta.db_table}"'

Rules = Mapping[int, PointsRule]


def can_be_said(rules: Rules) -> bool:
    """Whether PostgreSQL can compute these rules (by id) exactly as they are. Pure."""
    return all(_can_be_said(rule) for rule in rules.values())


def _can_be_said(rule: PointsRule) -> bool:
    if isinstance(rule, ActivityRule):
        return activities.can_be_said(rule)
    return conditions.can_be_said(rule.condition)


@dataclass(frozen=True)
class Plan:
    """The points of the contacts of a chunk at one moment, by these rules."""

    rules: Rules
    span: Span
    now: datetime

    def query(self) -> Sql:
        """A query of the contacts: id, odd, and per rule points_N and expires_N."""
        columns = [column for pk, rule in self._counting() for column in self._columns(pk, rule)]
        return sql(
            "SELECT c.id, {} AS odd{} FROM ({}) AS c {}",
            any_of(dict.fromkeys(self._odd())),
            join("", [sql(", {}", column) for column in columns]) if columns else Sql(""),
            self._contacts(),
            join(" ", self._tables()) if self._has_tables() else Sql(""),
        )

    def _contacts(self) -> Sql:
        """The contacts with the values that rules test, each computed once (hence OFFSET 0)."""
        values = [
            sql(", {} AS {}", conditions.known(asked, column).value, Sql(column.text[2:]))
            for asked, column in self._values().items()
        ]
        return sql(
            f"SELECT c.*{{}} FROM {CONTACTS} c WHERE c.id > {{}} AND c.id <= {{}} OFFSET 0",  # noqa: S608
            join("", values) if values else Sql(""),
            self.span.first,
            self.span.last,
        )

    def _values(self) -> conditions.Columns:
        rules = (rule for _pk, rule in self._counting() if isinstance(rule, ContactRule))
        return conditions.columns_of(rule.condition for rule in rules)

    def _counting(self) -> Iterator[tuple[int, PointsRule]]:
        """The rules that can give anything at this moment."""
        for pk, rule in self.rules.items():
            until = rule.valid_until if isinstance(rule, ActivityRule) else None
            if rule.points and (until is None or self.now < until):
                yield pk, rule

    def ids(self) -> list[int]:
        return [pk for pk, _rule in self._counting()]

    def expiring(self) -> set[int]:
        """The rules whose points may change by themselves."""
        return {
            pk
            for pk, rule in self._counting()
            if isinstance(rule, ActivityRule) and (rule.window or rule.valid_until)
        }

    def _of_activities(self) -> list[tuple[int, ActivityRule]]:
        return [(pk, rule) for pk, rule in self._counting() if isinstance(rule, ActivityRule)]

    def _has_tables(self) -> bool:
        return bool(self._of_activities())

    def _columns(self, pk: int, rule: PointsRule) -> Iterator[Sql]:
        if isinstance(rule, ContactRule):
            condition = conditions.condition_sql(rule.condition, self._values())
            yield sql(
                f"(CASE WHEN {{}} THEN {{}} ELSE 0 END)::bigint AS points_{pk}",
                condition,
                rule.points,
            )
            return
        given = activities.points(rule, _amount(pk, rule))
        yield sql(f"({{}})::bigint AS points_{pk}", given)
        end = _end(pk, rule)
        if rule.valid_until is not None:
            end = sql(
                "CASE WHEN {} <> 0 THEN LEAST({}, {}::timestamptz) ELSE {} END",
                given,
                end,
                rule.valid_until,
                end,
            )
        if rule.window or rule.valid_until:
            yield sql(f"{{}} AS expires_{pk}", end)

    def _tables(self) -> Iterator[Sql]:
        rules = self._of_activities()
        yield sql("LEFT JOIN ({}) AS g ON g.contact_id = c.id", self._groups())
        for pk, rule in rules:
            if not activities.is_grouped(rule):
                table = activities.own_table(rule, self.span, self.now, ACTIVITIES)
                yield sql(f"LEFT JOIN ({{}}) AS t{pk} ON t{pk}.contact_id = c.id", table)

    def _groups(self) -> Sql:
        """The one pass: amounts of all rules that need no more, and whether Python is needed."""
        rules = self._of_activities()
        grouped = [(pk, rule) for pk, rule in rules if activities.is_grouped(rule)]
        columns = [
            column
            for pk, rule in grouped
            for column in activities.grouped_columns(rule, pk, self.now)
        ]
        odd = activities.odd([rule for _pk, rule in rules])
        types = sorted({rule.activity_type for _pk, rule in rules})
        return sql(
            f"SELECT {{}} FROM {ACTIVITIES} a WHERE {{}} AND a.type = ANY({{}})"  # noqa: S608
            " GROUP BY a.contact_id",
            join(", ", [Sql("a.contact_id"), sql("bool_or({}) AS odd", odd), *columns]),
            activities.chosen(self.span),
            types,
        )

    def _odd(self) -> Iterator[Sql]:
        """The conditions under which a contact is left to Python."""
        if self._has_tables():
            yield Sql("COALESCE(g.odd, FALSE)")
        for asked, column in self._values().items():
            yield sql("COALESCE({}, FALSE)", conditions.known(asked, column).odd)
        for pk, rule in self._of_activities():
            if rule.window:
                yield activities.beyond(rule, _amount(pk, rule))


def _end(pk: int, rule: ActivityRule) -> Sql:
    if rule.window is None:
        return Sql("NULL::timestamptz")
    return (
        activities.grouped_end(rule, pk)
        if activities.is_grouped(rule)
        else Sql(f"t{pk}.expires_at")
    )


def _amount(pk: int, rule: ActivityRule) -> Sql:
    grouped = activities.is_grouped(rule)
    return Sql(f"COALESCE(g.amount_{pk}, 0)" if grouped else f"COALESCE(t{pk}.amount, 0)")
