"""What visitors type: forgiving, but never guessing."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_salesforce.contacts.fields import FieldType as T
from wagtail_salesforce.contacts.reading import plain_number, read


NUMBERS = [
    ("3000", "3000"),
    (" 3000 ", "3000"),
    ("12.5", "12.5"),
    ("12,5", "12.5"),
    ("0,500", "0.500"),
    ("0.500", "0.500"),
    ("1234,567", "1234.567"),
    ("1234.567", "1234.567"),
    ("3 000", "3000"),
    ("3\u00a0000,50", "3000.50"),
    ("3\u202f000\u202f000", "3000000"),
    ("3'000.5", "3000.5"),
    ("3’000", "3000"),
    ("3.000,50", "3000.50"),
    ("3,000.50", "3000.50"),
    ("3,000,000", "3000000"),
    ("3.000.000", "3000000"),
    ("3.000.000,5", "3000000.5"),
    ("-1 000", "-1000"),
    ("−5", "-5"),
    ("３０００", "3000"),
    ("٣٠٠٠", "3000"),
]


@pytest.mark.parametrize(("typed", "plain"), NUMBERS)
def test_numbers_as_people_type_them(typed, plain):
    assert read(typed, T.DECIMAL) == Decimal(plain)


@pytest.mark.parametrize("typed", ["3,000", "3.000", "-1.234", "999,999"])
def test_a_number_that_can_mean_two_things_is_refused(typed):
    with pytest.raises(ValueError, match="thousands or decimals. Use a number field"):
        read(typed, T.DECIMAL)


def test_a_number_field_has_settled_what_it_means():
    assert read("3.000", T.DECIMAL, number_field=True) == Decimal(3)
    assert read("3.0", T.INTEGER, number_field=True) == 3


@pytest.mark.parametrize(
    "typed",
    [
        "about 3",
        "3 licences",
        "1 00",
        "12 34",
        "1,00,000",
        "3.000.00",
        "1.2.3",
        "£3",
        "1_000",
        "--1",
    ],
)
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(ValueError, match="^Give a number"):
        read(typed, T.DECIMAL)


@given(st.integers(min_value=10**6, max_value=10**17), st.sampled_from([",", ".", " ", "'", "’"]))
def test_grouped_millions_are_read_whatever_the_separator(number, separator):
    assert plain_number(f"{number:,}".replace(",", separator)) == str(number)


@given(
    st.integers(min_value=1000, max_value=10**15),
    st.integers(min_value=0, max_value=99),
    st.sampled_from([".,", ",.", " ,", " .", "',"]),
)
def test_grouped_decimals_are_read_whatever_the_separators(whole, cents, separators):
    group, point = separators
    typed = f"{whole:,}".replace(",", group) + f"{point}{cents:02}"
    assert Decimal(plain_number(typed)) == Decimal(f"{whole}.{cents:02}")


@given(st.text(alphabet="0123456789.,' -+", max_size=15))
def test_a_number_is_never_read_with_other_digits(typed):
    """Whatever is made of it has the digits that were typed, in their order."""
    try:
        number = read(typed, T.DECIMAL)
    except ValueError:
        return
    if number is not None:
        digits = [char for char in typed if char.isdigit()]
        assert "".join(digits).strip("0") == "".join(c for c in f"{number:f}" if c.isdigit()).strip(
            "0"
        )


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("2026-02-28", date(2026, 2, 28)),
        ("28.02.2026", date(2026, 2, 28)),
        ("1. 2. 2026", date(2026, 2, 1)),
        (date(2026, 2, 28), date(2026, 2, 28)),
        # A moment's day is the one in the site's time zone: summer time in London.
        ("2026-06-30T23:30:00Z", date(2026, 7, 1)),
        (datetime(2026, 6, 30, 23, 30, tzinfo=timezone.utc), date(2026, 7, 1)),
    ],
)
def test_dates(typed, expected):
    assert read(typed, T.DATE) == expected


@pytest.mark.parametrize("typed", ["02/03/2026", "25/12/2026", "31.02.2026", "next week", "2026"])
def test_what_is_no_certain_date_is_refused(typed):
    with pytest.raises(ValueError, match="^Give a date"):
        read(typed, T.DATE)


@pytest.mark.parametrize("typed", ["2026-07-01", "1.7.2026", date(2026, 7, 1)])
def test_a_day_as_a_moment_is_its_beginning(typed):
    assert read(typed, T.DATETIME) == datetime(2026, 6, 30, 23, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("Yes", True), ("on", True), ("ja", True), ("Sí", True), ("1", True), (True, True)]
    + [("no", False), ("NEIN", False), ("0", False), (False, False), ("", None), (None, None)],
)
def test_yes_and_no(typed, expected):
    assert read(typed, T.BOOLEAN) is expected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (["books", "", " music "], "books; music"),
        ([], None),
        (5, "5"),
        (Decimal("1.50"), "1.50"),
        (True, "Yes"),
        (date(2026, 2, 28), "2026-02-28"),
        (["1", 2, None], "1; 2"),
    ],
)
def test_anything_simple_can_be_text(value, text):
    assert read(value, T.TEXT) == text


@pytest.mark.parametrize("value", [{"a": 1}, b"x", [{"a": 1}], [[]]])
def test_structures_are_no_text(value):
    with pytest.raises(ValueError, match="structured values"):
        read(value, T.TEXT)


@given(
    st.sampled_from(list(T)),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=5,
    ),
)
def test_any_json_is_read_or_refused(kind, value):
    try:
        read(value, kind)
    except ValueError as error:
        assert str(error)
