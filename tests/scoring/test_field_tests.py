"""Every test of the test language, for every type it exists for."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.scoring.checks import check_of, value_text
from wagtail_salesforce.scoring.tests import TESTS


NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
T, L, I, D, F, B = (  # noqa: E741
    FieldType.TEXT,
    FieldType.LONG_TEXT,
    FieldType.INTEGER,
    FieldType.DECIMAL,
    FieldType.FLOAT,
    FieldType.BOOLEAN,
)
DAY, MOMENT = FieldType.DATE, FieldType.DATETIME
C = FieldType.CHOICE

HOLDS = [
    (C, "equals", "gold", "Gold", True),
    (C, "not_equals", "Gold", None, True),
    (C, "in_list", "Gold\nSilver", "Silver", True),
    (C, "is_empty", "", "Gold", False),
    (C, "is_not_empty", "", "Gold", True),
    (T, "equals", "director", "Director", True),
    (T, "equals", "STRASSE", "Straße", True),
    (T, "equals", "Zoe\u0308", "zo\u00eb", True),
    (T, "equals", "Director", " Director ", True),
    (T, "equals", "Director", "Directors", False),
    (T, "equals", "Director", "", False),
    (T, "equals", "Director", None, False),
    (T, "not_equals", "Director", "Head", True),
    (T, "not_equals", "Director", "dIRECTOR", False),
    (T, "not_equals", "Director", None, True),
    (T, "contains", "rect", "DIRECTOR", True),
    (T, "contains", "rect", "Head", False),
    (T, "contains", "%", "Head", False),
    (T, "contains", "rect", None, False),
    (T, "not_contains", "rect", "Head", True),
    (T, "not_contains", "rect", "Director", False),
    (T, "not_contains", "rect", "", True),
    (T, "starts_with", "dir", "Director", True),
    (T, "starts_with", "tor", "Director", False),
    (T, "ends_with", "TOR", "Director", True),
    (T, "ends_with", "dir", "Director", False),
    (T, "is_empty", "", "", True),
    (T, "is_empty", "", "  ", True),
    (T, "is_empty", None, None, True),
    (T, "is_empty", "", "x", False),
    (T, "is_not_empty", "", "x", True),
    (T, "is_not_empty", "", "", False),
    (T, "in_list", "Head\nDirector\n", "director", True),
    (T, "in_list", ["Head, sales", "Director"], "head, SALES", True),
    (T, "in_list", "Head\nDirector", "Head Director", False),
    (T, "in_list", "Head", None, False),
    (L, "contains", "budget", "We have a\nBudget.", True),
    (I, "equals", "3", 3, True),
    (I, "equals", 3, 4, False),
    (I, "not_equals", "3", None, True),
    (I, "not_equals", "3", 3, False),
    (I, "less", "3", 2, True),
    (I, "less", "3", 3, False),
    (I, "less", "3", None, False),
    (I, "less_or_equal", "3", 3, True),
    (I, "less_or_equal", "3", 4, False),
    (I, "greater", "3", 4, True),
    (I, "greater", "3", 3, False),
    (I, "greater_or_equal", "3", 3, True),
    (I, "greater_or_equal", "3", 2, False),
    (I, "between", "1\n3", 1, True),
    (I, "between", [1, 3], 3, True),
    (I, "between", [1, 3], 4, False),
    (I, "between", [1, 3], None, False),
    (I, "is_empty", "", None, True),
    (I, "is_empty", "", 0, False),
    (I, "is_not_empty", "", 0, True),
    (D, "greater", "2.50", Decimal("2.5001"), True),
    (D, "equals", 2.5, Decimal("2.5000"), True),
    (F, "less", "0.3", 0.1, True),
    (DAY, "less", "2026-03-01", date(2026, 2, 28), True),
    (DAY, "greater_or_equal", "2026-03-01", date(2026, 3, 1), True),
    (DAY, "between", "2026-01-01\n2026-12-31", date(2026, 3, 1), True),
    (DAY, "between", "2026-01-01\n2026-12-31", date(2027, 1, 1), False),
    (MOMENT, "equals", "2026-03-01T13:00:00+01:00", NOON, True),
    (MOMENT, "less", "2026-03-01T12:00:00+00:00", NOON, False),
    (MOMENT, "less_or_equal", "2026-03-01T12:00:00+00:00", NOON, True),
    (B, "is_true", "", True, True),
    (B, "is_true", "", False, False),
    (B, "is_true", "", None, False),
    (B, "is_false", "", False, True),
    (B, "is_false", "", None, False),
    (B, "is_empty", "", None, True),
    (B, "is_not_empty", "", False, True),
]


@pytest.mark.parametrize(("kind", "name", "operand", "value", "expected"), HOLDS)
def test_holds(kind, name, operand, value, expected):
    assert check_of(kind, name, operand).holds(value) is expected


def test_every_test_of_every_type_is_in_the_table():
    families = {T: T, L: T, C: T, I: I, D: I, F: I, DAY: DAY, MOMENT: DAY, B: B}
    tried = {(families[kind], name) for kind, name, *_ in HOLDS}
    ordered = {(DAY, name) for name in TESTS[DAY]}
    wanted = {(families[kind], name) for kind in FieldType for name in TESTS[kind]}
    # Dates share the functions of numbers, which are tried one by one.
    assert wanted - tried - ordered == set()
    assert TESTS[DAY].keys() == TESTS[I].keys()


def test_dates_and_numbers_have_their_own_words():
    assert str(TESTS[I]["less"].label) == "is less than"
    assert str(TESTS[DAY]["less"].label) == "is before"


@pytest.mark.parametrize(
    ("kind", "name", "operand", "cure"),
    [
        (T, "less", "x", "Choose a test that fits the type: equals, not_equals, contains"),
        (C, "contains", "x", "Choose a test that fits the type: equals, not_equals, in_list"),
        (T, "", "x", "Choose a test"),
        (T, ["equals"], "x", "Choose a test"),
        (T, "equals", "", "Give one value to compare with."),
        (T, "equals", None, "Give one value to compare with."),
        (T, "equals", ["a", "b"], "Give one value to compare with."),
        (T, "equals", 3, "Give text."),
        (T, "is_empty", "x", "This test compares with nothing."),
        (T, "in_list", "\n \n", "Give one value or more"),
        (T, "in_list", [str(n) for n in range(1001)], "at most 1,000"),
        (I, "equals", "three", "Give a whole number"),
        (I, "equals", "3.5", "Give a whole number"),
        (I, "between", "3", "Give two values"),
        (I, "between", "3\n1", "the lower one first"),
        (D, "less", "1,5", "Give a number in digits with a decimal point"),
        (D, "less", "NaN", "Give a number in digits"),
        (DAY, "less", "2026-02-30", "Give a date that exists."),
        (MOMENT, "less", "yesterday", "Give a date and time"),
        (B, "is_true", True, "This test compares with nothing."),
    ],
)
def test_operands_that_do_not_fit_are_refused_with_the_cure(kind, name, operand, cure):
    with pytest.raises(ValueError, match="(?s).*") as caught:
        check_of(kind, name, operand)
    assert cure in str(caught.value)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (None, ""),
        ("Director", "Director"),
        (3, "3"),
        (2.5, "2.5"),
        (True, "true"),
        (["a", 1], "a\n1"),
        ([], ""),
    ],
)
def test_operands_of_documents_become_text(raw, text):
    assert value_text(raw) == text


@given(st.integers(-(10**17), 10**17), st.integers(-(10**17), 10**17))
def test_the_tests_of_numbers_agree_with_python(operand, value):
    expected = {
        "equals": value == operand,
        "not_equals": value != operand,
        "less": value < operand,
        "less_or_equal": value <= operand,
        "greater": value > operand,
        "greater_or_equal": value >= operand,
    }
    for name, holds in expected.items():
        assert check_of(I, name, str(operand)).holds(value) is holds


@given(st.text(min_size=1), st.text())
def test_case_makes_no_difference(operand, value):
    try:
        plain, loud = check_of(T, "contains", operand), check_of(T, "contains", operand.upper())
    except ValueError:
        return
    if operand.upper().casefold() == operand.casefold():
        assert plain.holds(value) is loud.holds(value)
