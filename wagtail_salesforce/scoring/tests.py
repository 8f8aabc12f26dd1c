"""The tests that rules put to values: their names, their words and what they mean, per type."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any
from unicodedata import normalize

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.registering import check_function, check_texts, listed, one_of


Operands = tuple[Any, ...]
Holds = Callable[[Any, Operands], bool]


class Takes(Enum):
    """How many values a test compares with."""

    NONE = "none"
    ONE = "one"
    TWO = "two"
    MANY = "many"


@dataclass(frozen=True)
class FieldTest:
    """A test: its name in documents and code, its words, and whether it holds for a value.

    `holds(value, operands)` gets None for an empty value. `own` are tests of a site's own code.
    """

    name: str
    label: str | Promise
    takes: Takes
    holds: Holds
    own: bool = False


TEXTS = (FieldType.TEXT, FieldType.LONG_TEXT, FieldType.CHOICE)
NUMBERS = (FieldType.INTEGER, FieldType.DECIMAL, FieldType.FLOAT)
DATES = (FieldType.DATE, FieldType.DATETIME)


def fold(text: str) -> str:
    """The text as tests compare it: whatever its case, the space around it and the way in which
    its accents are encoded."""
    return normalize("NFC", normalize("NFC", text.strip()).casefold())


def _negated(holds: Holds) -> Holds:
    return lambda value, operands: not holds(value, operands)


def _with_one(compare: Callable[[Any, Any], Any]) -> Holds:
    """Compare with the one operand; an empty value is neither less nor greater than anything."""
    return lambda value, operands: value is not None and bool(compare(value, operands[0]))


def _is_empty(value: Any, operands: Operands) -> bool:
    return value is None


def _between(value: Any, operands: Operands) -> bool:
    return value is not None and bool(operands[0] <= value <= operands[1])


def _in_list(value: Any, operands: Operands) -> bool:
    return value in operands


_equals = _with_one(operator.eq)
_contains = _with_one(operator.contains)


def _table(*tests: FieldTest) -> dict[str, FieldTest]:
    return {test.name: test for test in tests}


EMPTY_TESTS = (
    FieldTest("is_empty", pgettext_lazy("score rule test", "is empty"), Takes.NONE, _is_empty),
    FieldTest(
        "is_not_empty",
        pgettext_lazy("score rule test", "is not empty"),
        Takes.NONE,
        _negated(_is_empty),
    ),
)
EQUAL_TESTS = (
    FieldTest("equals", pgettext_lazy("score rule test", "is"), Takes.ONE, _equals),
    FieldTest(
        "not_equals", pgettext_lazy("score rule test", "is not"), Takes.ONE, _negated(_equals)
    ),
)
TEXT_TESTS = _table(
    *EQUAL_TESTS,
    FieldTest("contains", pgettext_lazy("score rule test", "contains"), Takes.ONE, _contains),
    FieldTest(
        "not_contains",
        pgettext_lazy("score rule test", "does not contain"),
        Takes.ONE,
        _negated(_contains),
    ),
    FieldTest(
        "starts_with",
        pgettext_lazy("score rule test", "begins with"),
        Takes.ONE,
        _with_one(str.startswith),
    ),
    FieldTest(
        "ends_with",
        pgettext_lazy("score rule test", "ends with"),
        Takes.ONE,
        _with_one(str.endswith),
    ),
    FieldTest("in_list", pgettext_lazy("score rule test", "is one of"), Takes.MANY, _in_list),
    *EMPTY_TESTS,
)


def _ordered(words: Mapping[str, str | Promise]) -> dict[str, FieldTest]:
    """The tests of types whose values have an order; dates and numbers have other words."""
    return _table(
        *EQUAL_TESTS,
        FieldTest("less", words["less"], Takes.ONE, _with_one(operator.lt)),
        FieldTest("less_or_equal", words["less_or_equal"], Takes.ONE, _with_one(operator.le)),
        FieldTest("greater", words["greater"], Takes.ONE, _with_one(operator.gt)),
        FieldTest("greater_or_equal", words["greater_or_equal"], Takes.ONE, _with_one(operator.ge)),
        FieldTest("between", pgettext_lazy("score rule test", "is between"), Takes.TWO, _between),
        *EMPTY_TESTS,
    )


NUMBER_TESTS = _ordered(
    {
        "less": pgettext_lazy("score rule test", "is less than"),
        "less_or_equal": pgettext_lazy("score rule test", "is at most"),
        "greater": pgettext_lazy("score rule test", "is more than"),
        "greater_or_equal": pgettext_lazy("score rule test", "is at least"),
    }
)
DATE_TESTS = _ordered(
    {
        "less": pgettext_lazy("score rule test", "is before"),
        "less_or_equal": pgettext_lazy("score rule test", "is at or before"),
        "greater": pgettext_lazy("score rule test", "is after"),
        "greater_or_equal": pgettext_lazy("score rule test", "is at or after"),
    }
)
BOOLEAN_TESTS = _table(
    FieldTest(
        "is_true",
        pgettext_lazy("score rule test", "is yes"),
        Takes.NONE,
        lambda value, operands: value is True,
    ),
    FieldTest(
        "is_false",
        pgettext_lazy("score rule test", "is no"),
        Takes.NONE,
        lambda value, operands: value is False,
    ),
    *EMPTY_TESTS,
)

CHOICE_TESTS = {
    name: TEXT_TESTS[name]
    for name in ("equals", "not_equals", "in_list", "is_empty", "is_not_empty")
}

#: The tests of each type, those of a site's own code included.
TESTS: dict[FieldType, dict[str, FieldTest]] = {
    **{kind: dict(TEXT_TESTS) for kind in TEXTS},
    **{kind: dict(NUMBER_TESTS) for kind in NUMBERS},
    **{kind: dict(DATE_TESTS) for kind in DATES},
    FieldType.BOOLEAN: dict(BOOLEAN_TESTS),
    FieldType.CHOICE: dict(CHOICE_TESTS),
}

_NAME = re.compile(r"[a-z][a-z0-9_]{0,29}\Z")


def register_test(
    name: str,
    label: str | Promise,
    holds: Holds,
    *,
    types: Iterable[FieldType | str],
    takes: Takes | str = Takes.ONE,
) -> FieldTest:
    """Add a test of the site's own for these types; call it from an app's `ready()`.

    `label` continues a sentence that begins with the name of the field ("is a company's address").
    `holds(value, operands)` gets the value in its Python form (None when it is empty) and a tuple
    of operands of the same type; texts come trimmed and case-folded. It must be quick, have no
    side effect and query no database, as it is put to every contact.

    Raises ValueError when the name cannot be one, is taken, or no type is named, or an unknown one;
    TypeError when something else than a function or a list is given.
    """
    kinds = [one_of(FieldType, kind, "types") for kind in listed(types, 'types=["text"]')]
    if not kinds:
        raise ValueError("Name at least one type of values for the test.")
    _check_name(name, kinds)
    check_function(holds, f"What the test {name!r} is decided by")
    made = FieldTest(name, label, one_of(Takes, takes, "takes"), holds, own=True)
    for kind in kinds:
        TESTS[kind][name] = made
    return made


def _check_name(name: str, kinds: Iterable[FieldType]) -> None:
    check_texts([name], 'register_test("is_mine", "is mine", holds, types=["text"])')
    if not _NAME.match(name):
        raise ValueError("The name must be 1 to 30 lower-case letters, digits and underscores.")
    for kind in kinds:
        if name in TESTS[kind] and not TESTS[kind][name].own:
            raise ValueError(f"The type {kind.value} has a test {name!r} already. Choose another.")
