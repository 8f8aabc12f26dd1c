"""The Python and JSON forms of typed values."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from wagtail_salesforce.contacts.fields import FieldType as T
from wagtail_salesforce.contacts.values import to_json, to_python


UTC = timezone.utc
TABLE = [
    # type, given, JSON form
    (T.TEXT, " Ada ", "Ada"),
    (T.TEXT, "A\x00d\udc00a", "Ada"),
    (T.TEXT, gettext_lazy("E-mail"), "E-mail"),
    (T.LONG_TEXT, "a\nb", "a\nb"),
    (T.INTEGER, 3000, 3000),
    (T.INTEGER, "3000", 3000),
    (T.INTEGER, "-7", -7),
    (T.INTEGER, 3.0, 3),
    (T.INTEGER, Decimal("3.00"), 3),
    (T.INTEGER, 2**63 - 1, 2**63 - 1),
    (T.DECIMAL, Decimal("12.50"), "12.50"),
    (T.DECIMAL, "12.50", "12.50"),
    (T.DECIMAL, 12.5, "12.5"),
    (T.DECIMAL, 0.1, "0.1"),
    (T.DECIMAL, 3, "3"),
    (T.DECIMAL, "-0", "0"),
    (T.DECIMAL, "1e3", "1000"),
    (T.FLOAT, 0.5, 0.5),
    (T.FLOAT, "0.5", 0.5),
    (T.FLOAT, 1, 1.0),
    (T.BOOLEAN, True, True),
    (T.BOOLEAN, False, False),
    (T.BOOLEAN, "true", True),
    (T.BOOLEAN, "False", False),
    (T.DATE, date(2026, 2, 28), "2026-02-28"),
    (T.DATE, "2024-02-29", "2024-02-29"),
    (T.DATETIME, datetime(2026, 2, 28, 9, tzinfo=UTC), "2026-02-28T09:00:00+00:00"),
    (T.DATETIME, "2026-02-28T09:00:00Z", "2026-02-28T09:00:00+00:00"),
    (T.DATETIME, "2026-02-28T10:00+01:00", "2026-02-28T09:00:00+00:00"),
    # A moment without a time zone is one of the site's: summer time in London.
    (T.DATETIME, datetime(2026, 7, 1, 10), "2026-07-01T09:00:00+00:00"),
    (T.DATETIME, "2026-07-01 10:00", "2026-07-01T09:00:00+00:00"),
]

REFUSED = [
    (T.TEXT, 5),
    (T.TEXT, ["a"]),
    (T.LONG_TEXT, b"a"),
    (T.INTEGER, "3,000"),
    (T.INTEGER, "1_000"),
    (T.INTEGER, "٣"),
    (T.INTEGER, 3.5),
    (T.INTEGER, True),
    (T.INTEGER, 2**63),
    (T.INTEGER, 10**500),
    (T.INTEGER, Decimal("1e9999")),
    (T.INTEGER, "9" * 5000),
    (T.INTEGER, float("inf")),
    (T.DECIMAL, "abc"),
    (T.DECIMAL, "NaN"),
    (T.DECIMAL, Decimal("sNaN")),
    (T.DECIMAL, Decimal("Infinity")),
    (T.DECIMAL, 10**18),
    (T.DECIMAL, Decimal("1e-19")),
    (T.DECIMAL, False),
    (T.FLOAT, float("nan")),
    (T.FLOAT, "1e999"),
    (T.FLOAT, "inf"),
    (T.BOOLEAN, 1),
    (T.BOOLEAN, "yes"),
    (T.DATE, "28.02.2026"),
    (T.DATE, "2026-02-30"),
    (T.DATE, "20260228"),
    (T.DATE, datetime(2026, 2, 28)),
    (T.DATETIME, date(2026, 2, 28)),
    (T.DATETIME, "2026-02-28"),
    (T.DATETIME, "2026-02-28T25:00"),
    (T.DATETIME, datetime(1, 1, 1)),
    (T.DATETIME, datetime.max),
]


@pytest.mark.parametrize(("kind", "value", "expected"), TABLE)
def test_both_forms_are_read(kind, value, expected):
    found = to_json(value, kind)
    assert found == expected
    assert type(found) is type(expected)
    # The JSON form is a fixed point, and Python's form leads back to it.
    assert to_json(json.loads(json.dumps(found)), kind) == expected
    assert to_json(to_python(found, kind), kind) == expected


@pytest.mark.parametrize(("kind", "value"), REFUSED)
def test_a_wrong_value_is_refused_with_a_cure_that_does_not_repeat_it(kind, value):
    with pytest.raises(ValueError, match="^Give ") as caught:
        to_json(value, kind)
    assert repr(value)[:10] not in str(caught.value)


@pytest.mark.parametrize("kind", list(T))
@pytest.mark.parametrize("value", [None, "", "  ", "\x00"])
def test_nothing_is_nothing_in_every_type(kind, value):
    assert to_json(value, kind) is None
    assert to_python(value, kind) is None


@given(st.text())
def test_any_text_can_be_stored(text):
    value = to_json(text, T.TEXT)
    if value is not None:
        assert "\x00" not in value
        value.encode("utf-8")


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, max_value=10**17))
def test_decimals_come_back_exactly(number):
    if number > -(10**17):
        assert to_python(to_json(number, T.DECIMAL), T.DECIMAL) == number


@given(st.datetimes(min_value=datetime(3, 1, 1), max_value=datetime(9998, 1, 1)))
def test_moments_come_back_exactly(moment):
    aware = moment.replace(tzinfo=timezone(timedelta(hours=5)))
    assert to_python(to_json(aware, T.DATETIME), T.DATETIME) == aware


@given(
    st.sampled_from(list(T)),
    st.one_of(
        st.none(),
        st.text(),
        st.integers(),
        st.floats(),
        st.decimals(),
        st.booleans(),
        st.dates(),
        st.datetimes(),
        st.binary(),
        st.lists(st.integers()),
        st.dictionaries(st.text(), st.integers()),
    ),
)
def test_anything_is_json_or_a_value_error(kind, value):
    try:
        found = to_json(value, kind)
    except ValueError as error:
        assert str(error).startswith("Give ")
        return
    assert to_json(json.loads(json.dumps(found, allow_nan=False)), kind) == found
