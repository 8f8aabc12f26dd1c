"""The tests in SQL. Each is true or false, never null, whatever the value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wagtail_salesforce.scoring.by_sql.fragments import Sql, sql
from wagtail_salesforce.scoring.checks import Check
from wagtail_salesforce.scoring.tests import TESTS


def _with_one(template: str) -> Callable[[Sql, tuple[Any, ...]], Sql]:
    return lambda value, operands: sql(f"COALESCE({template}, FALSE)", value, operands[0])


def _ends(value: Sql, operands: tuple[Any, ...]) -> Sql:
    return sql("COALESCE(right({}, {}) = {}, FALSE)", value, len(operands[0]), operands[0])


WRITTEN: dict[str, Callable[[Sql, tuple[Any, ...]], Sql]] = {
    "equals": _with_one("{} = {}"),
    "not_equals": lambda value, operands: sql("({} IS DISTINCT FROM {})", value, operands[0]),
    "less": _with_one("{} < {}"),
    "less_or_equal": _with_one("{} <= {}"),
    "greater": _with_one("{} > {}"),
    "greater_or_equal": _with_one("{} >= {}"),
    "between": lambda value, operands: sql(
        "COALESCE({} BETWEEN {} AND {}, FALSE)", value, *operands
    ),
    "contains": _with_one("strpos({}, {}) > 0"),
    "not_contains": lambda value, operands: sql(
        "NOT COALESCE(strpos({}, {}) > 0, FALSE)", value, operands[0]
    ),
    "starts_with": _with_one("starts_with({}, {})"),
    "ends_with": _ends,
    "in_list": lambda value, operands: sql("COALESCE({} = ANY({}), FALSE)", value, list(operands)),
    "is_empty": lambda value, operands: sql("({} IS NULL)", value),
    "is_not_empty": lambda value, operands: sql("({} IS NOT NULL)", value),
    "is_true": lambda value, operands: sql("COALESCE({}, FALSE)", value),
    "is_false": lambda value, operands: sql("COALESCE(NOT {}, FALSE)", value),
}


def written(check: Check) -> bool:
    """Whether the check can be said in SQL: the tests of a site's own code cannot."""
    built_in = TESTS[check.kind].get(check.test.name) is check.test
    return built_in and not check.test.own and check.test.name in WRITTEN


def check_sql(check: Check, value: Sql) -> Sql:
    """The check of a value."""
    return WRITTEN[check.test.name](value, check.operands)
