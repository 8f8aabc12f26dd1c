"""Numbers: rounded half even to the field's scale, refused when they do not fit."""

from __future__ import annotations

import decimal
import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_salesforce.mapping import numbers
from wagtail_salesforce.mapping.convert import convert
from wagtail_salesforce.mapping.outcomes import Refusal

from .making import LONDON, make_field


WHOLE = make_field("int", digits=8)
TWO_PLACES = make_field("double", precision=6, scale=2)
LATITUDE = make_field("double", precision=18, scale=15)
LARGE = make_field("currency", precision=18, scale=0)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        (WHOLE, 3000, 3000),
        (WHOLE, Decimal("2.5"), 2),
        (WHOLE, Decimal("3.5"), 4),
        (WHOLE, -0.4, 0),
        (WHOLE, 99_999_999, 99_999_999),
        (TWO_PLACES, 1, 1.0),
        (TWO_PLACES, Decimal("0.125"), 0.12),
        (TWO_PLACES, Decimal("0.135"), 0.14),
        (TWO_PLACES, 2.675, 2.68),
        (TWO_PLACES, -0.001, 0.0),
        (TWO_PLACES, 9999.994, 9999.99),
        (TWO_PLACES, Decimal("1E-1000"), 0.0),
        (LATITUDE, Decimal("51.5073509"), 51.5073509),
        (LARGE, 999_999_999_999_999_999, 999_999_999_999_999_999),
        (make_field("percent", precision=5, scale=2), Decimal("12.5"), 12.5),
    ],
)
def test_fits(field, value, expected):
    sent = convert(value, field, LONDON)
    assert sent == expected
    assert type(sent) is type(expected)
    assert math.copysign(1, sent) == math.copysign(1, expected)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (WHOLE, 100_000_000),
        (WHOLE, -100_000_000),
        (WHOLE, Decimal("99999999.5")),
        (WHOLE, 10**400),
        pytest.param(WHOLE, 10**5000, id="enormous"),
        (TWO_PLACES, Decimal("9999.995")),
        (TWO_PLACES, 1e300),
        (TWO_PLACES, Decimal("1E+1000000")),
        (LATITUDE, 1000),
        (LATITUDE, Decimal("999.999999999999999")),
        (LARGE, 10**18),
    ],
)
def test_too_large(field, value):
    refusal = convert(value, field, LONDON)
    assert (refusal.field, refusal.code) == ("Thing__c", "NUMBER_OUTSIDE_VALID_RANGE")
    assert str(numbers.whole_digits(field)) in refusal.message


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), Decimal("NaN"), Decimal("-Infinity"), True, "12", [1]]
)
def test_not_a_number(value):
    refusal = convert(value, TWO_PLACES, LONDON)
    assert (refusal.field, refusal.code) == ("Thing__c", "INVALID_TYPE_ON_FIELD_IN_RECORD")


def test_rounding_ignores_the_context_of_the_thread():
    with decimal.localcontext() as context:
        context.prec, context.rounding = 3, decimal.ROUND_UP
        assert convert(Decimal("1234.125"), TWO_PLACES, LONDON) == 1234.12


@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9),
    # More places would be beyond the 15 digits that a double, here and there, is sure of.
    st.integers(0, 5),
)
def test_rounded_to_the_nearest(value, scale):
    field = make_field("double", precision=18, scale=scale)
    sent = convert(value, field, LONDON)
    if isinstance(sent, Refusal):
        assert abs(value) >= 10 ** (18 - scale) - 1
        return
    assert abs(Decimal(repr(sent)) - value) * 2 <= Decimal(1).scaleb(-scale)
    assert -Decimal(repr(sent)).normalize().as_tuple().exponent <= scale


@given(st.one_of(st.floats(), st.integers(), st.decimals()), st.integers(0, 18), st.integers(1, 18))
def test_anything_numeric_fits_or_is_refused(value, scale, precision):
    field = make_field("double", precision=max(precision, scale), scale=scale)
    sent = convert(value, field, LONDON)
    if not isinstance(sent, Refusal):
        assert math.isfinite(sent)
        assert abs(sent) <= 10 ** numbers.whole_digits(field)
