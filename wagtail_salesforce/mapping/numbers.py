"""Numbers as Salesforce takes them: rounded to the field's scale, refused when too large."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal

from wagtail_salesforce.salesforce.describe import FieldDescribe


# Object reference, "Field Types": numbers have at most 18 digits in all.
MOST_DIGITS = 18
WHOLE_TYPES = frozenset({"int", "long"})
# A context of our own, so that nobody's change of the thread's context alters what is sent.
_ARITHMETIC = Context(prec=64, rounding=ROUND_HALF_EVEN)


class NotANumber(ValueError):
    """The value is no finite number."""


class TooLarge(ValueError):
    """The digits before the decimal point do not fit the field."""


def scale(field: FieldDescribe) -> int:
    """The digits a field keeps after the decimal point."""
    return 0 if field.type in WHOLE_TYPES else field.scale


def whole_digits(field: FieldDescribe) -> int:
    """The digits a field takes before the decimal point.

    REST guide, "sObject Describe": `int` fields give `digits`, the others precision and scale.
    """
    if field.type in WHOLE_TYPES:
        return field.digits or MOST_DIGITS
    return (field.precision or MOST_DIGITS) - field.scale


def fit(value: object, field: FieldDescribe) -> int | float:
    """The number to send: half even at the field's scale.

    Salesforce stores decimals beyond the scale in full and only hides them, and refuses too many
    whole digits with NUMBER_OUTSIDE_VALID_RANGE. Raises NotANumber or TooLarge. A fraction
    becomes a float, as JSON has it; Salesforce keeps no more than its 15 significant digits.
    """
    places, digits = scale(field), whole_digits(field)
    if type(value) is int and not places:
        return _whole(value, digits)
    number = exact(value)
    if number and number.adjusted() >= digits:
        raise TooLarge
    rounded = number.quantize(Decimal((0, (1,), -places)), context=_ARITHMETIC)
    if rounded and rounded.adjusted() >= digits:
        raise TooLarge
    if not places:
        return int(rounded)
    # Adding zero turns minus zero into zero. A float may be the next power of ten.
    nearest = float(rounded) + 0.0
    if abs(nearest) >= 10**digits:
        raise TooLarge
    return nearest


def _whole(number: int, digits: int) -> int:
    if abs(number) >= 10**digits:
        raise TooLarge
    return number


def exact(value: object) -> Decimal:
    """The number as it is written: the float 2.675 is the decimal 2.675. Raises NotANumber."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise NotANumber
    if isinstance(value, int) and value.bit_length() > 256:
        raise TooLarge
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise NotANumber
    return number
