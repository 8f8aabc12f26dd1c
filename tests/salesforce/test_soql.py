"""Values in queries."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from uuid import UUID

import pytest
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy

from wagtail_salesforce.client import format_soql


class Status(TextChoices):
    OPEN = "O'pen", "Open"


class Kind(Enum):
    OLD = "o'ld"


class Size(str, Enum):
    BIG = "b'ig"


ZONE = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('O\'Neill \\ "x"\n', "'O\\'Neill \\\\ \\\"x\\\"\\n'"),
        (gettext_lazy("O'Neill"), "'O\\'Neill'"),
        (Status.OPEN, "'O\\'pen'"),
        (Kind.OLD, "'o\\'ld'"),
        ([Kind.OLD, Size.BIG], "('o\\'ld','b\\'ig')"),
        (None, "null"),
        (True, "true"),
        (0, "0"),
        (1.5, "1.5"),
        (Decimal("-0.50"), "-0.50"),
        (Decimal("1E+3"), "1000"),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 1, 1, tzinfo=ZONE), "2025-12-31T23:00:00+00:00"),
        (UUID(int=1), "'00000000-0000-0000-0000-000000000001'"),
        (["a", "b'"], "('a','b\\'')"),
        (("a",), "('a')"),
        ({"a"}, "('a')"),
        ((n for n in (1, Decimal("2.5"))), "(1,2.5)"),
        ({"x": 1}.keys(), "('x')"),
    ],
)
def test_values_as_soql_has_them(value, text):
    assert format_soql("A = {value}", value=value) == f"A = {text}"


@pytest.mark.parametrize(
    ("query", "values", "words"),
    [
        ("Id IN {ids}", {"ids": []}, "{ids} of the query: the list is empty"),
        ("Id IN {ids}", {"ids": iter(())}, "leave the condition out"),
        ("Id IN {ids}", {}, "has the place {ids}"),
        ("Id = {id}", {"id": object()}, "object has no form in SOQL"),
        ("Id = {id}", {"id": b"x"}, "bytes has no form in SOQL"),
        ("Id IN {ids}", {"ids": {"a": 1}}, "dict has no form in SOQL"),
        ("Id IN {ids}", {"ids": ["a", object()]}, "object has no form in SOQL"),
        ("A = {a}", {"a": datetime(2026, 1, 1)}, "needs a time zone"),
        ("A = {a}", {"a": float("nan")}, "must be finite"),
        ("A = {a}", {"a": Decimal("Infinity")}, "must be finite"),
        ("A = {a:text}", {"a": "x"}, '"like" or "literal"'),
        ("A = {a!r}", {"a": "x"}, "Leave out !r in {a}"),
        ("A LIKE '{a!s:like}'", {"a": "x"}, "Leave out !s in {a}"),
    ],
)
def test_what_has_no_form_is_told_with_its_place(query, values, words):
    with pytest.raises(ValueError) as told:
        format_soql(query, **values)
    assert words in str(told.value)
    assert str(told.value)[-1] == "."


def test_places_without_names():
    assert format_soql("A = {} AND B IN {}", "x", [1]) == "A = 'x' AND B IN (1)"
    with pytest.raises(ValueError, match="has the place {1}"):
        format_soql("A = {} AND B IN {}", "x")


def test_a_part_of_a_pattern_and_a_text_as_it_is():
    assert format_soql("A LIKE '{a:like}%'", a="50%_'") == "A LIKE '50\\%\\_\\'%'"
    assert format_soql("ORDER BY {a:literal}", a="Name DESC") == "ORDER BY Name DESC"
    assert format_soql("A LIKE '{a:like}%'", a=Kind.OLD) == "A LIKE 'o\\'ld%'"
    assert format_soql("ORDER BY {a:literal}", a=Size.BIG) == "ORDER BY b'ig"


def test_what_is_no_query():
    with pytest.raises(TypeError, match="The query is a text"):
        format_soql(None)
