"""Conditions on a contact in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.scoring.by_sql.checks import check_sql, written
from wagtail_salesforce.scoring.by_sql.fragments import Sql, all_of, any_of
from wagtail_salesforce.scoring.by_sql.values import Known, attribute, contact_field
from wagtail_salesforce.scoring.conditions import Comparison, Condition


class Subject(NamedTuple):
    """A field or attribute of a contact, read as a value of this type."""

    source: str
    name: str
    kind: FieldType


#: Subject -> the column in which its value stands.
Columns = Mapping[Subject, Sql]


def can_be_said(condition: Condition) -> bool:
    """Whether all tests of the condition can be said in SQL."""
    return all(written(each.check) for each in leaves(condition))


def condition_sql(condition: Condition, columns: Columns) -> Sql:
    """The condition on the contact `c`."""
    if isinstance(condition, Comparison):
        return check_sql(condition.check, columns[subject(condition)])
    parts = [condition_sql(part, columns) for part in condition.parts]
    return all_of(parts) if condition.every else any_of(parts)


def subject(comparison: Comparison) -> Subject:
    """What the comparison looks at."""
    return Subject(comparison.source, comparison.name, comparison.check.kind)


def columns_of(conditions: Iterable[Condition]) -> Columns:
    """A column for each thing that the conditions look at, however often they do."""
    subjects = dict.fromkeys(subject(each) for part in conditions for each in leaves(part))
    return {each: Sql(f"c.value_{number}") for number, each in enumerate(subjects)}


def known(asked: Subject, column: Sql) -> Known:
    """Its value, and when the value is not to be had; `column` is where the value stands."""
    if asked.source == "field":
        return contact_field(asked.name)
    return attribute(asked.name, asked.kind, column)


def leaves(condition: Condition) -> Iterator[Comparison]:
    """All comparisons of a condition."""
    if isinstance(condition, Comparison):
        yield condition
        return
    for part in condition.parts:
        yield from leaves(part)
