"""Writes one Python function for a whole mapping.

A loop over field objects costs three times as much per contact. The source holds nothing but
names and numbers made here; Lead field names, constants, sources and converters come in by
reference, so no text of an editor or of the organization is ever code. For a required text, a
nillable one, an attribute and a custom source it reads, with the tests shortened:

    def map_row(row, company):
        (_, r1, r2, r3) = row
        notes = []
        try:
            held = r3 if r3.__class__ is dict else {}
            x0 = r1 if r1 and <r1 fits as it is> else f0(row, company, notes)
            x1 = (r2 if <r2 fits as it is> else f1(row, company, notes)) if r2 else None
            v2 = held.get(a2)
            x2 = (v2 if <v2 fits as it is> else f2(row, company, notes)) if v2 else None
            v3 = s3(r2, company)
            x3 = v3 if v3 and <v3 fits as it is> else f3(row, company, notes)
        except Exception:
            return careful(row, company)
        payload = {n0: x0, n1: x1, n2: x2, n3: x3}
        if notes: return settle(payload, notes)
        return payload, (), ()

What does not fit as it is goes through the field's own function, which knows every case; when a
source raises, the whole row is done again by those functions alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from wagtail_salesforce.contacts.fields import FIELDS, TEXT_TYPES, FieldType
from wagtail_salesforce.mapping import numbers
from wagtail_salesforce.mapping.careful import (
    FieldFunction,
    RowMapper,
    careful_mapper,
    function_of,
    settle,
)
from wagtail_salesforce.mapping.convert import DEFAULT_LENGTH
from wagtail_salesforce.mapping.mappers import ATTRIBUTES
from wagtail_salesforce.mapping.plan import FieldPlan
from wagtail_salesforce.mapping.reading import (
    ATTRIBUTE_PREFIX,
    FOUND_COMPANY,
    AttributeTypes,
    as_it_is,
)


_INLINE_TEXTS = frozenset(
    {"string", "textarea", "phone", "encryptedstring", "combobox", "email", "url"}
)
_NUMBERS = frozenset({"int", "long", "double", "percent", "currency"})


def generate(
    plans: Sequence[FieldPlan], columns: Sequence[str], attribute_types: AttributeTypes
) -> RowMapper:
    """The function from (row, company name found) to what `CompiledMapping.map` answers."""
    functions = [function_of(plan, columns, attribute_types) for plan in plans]
    names: dict[str, Any] = {"settle": settle, "careful": careful_mapper(plans, functions)}
    lines: list[str] = []
    if ATTRIBUTES in columns:
        held = f"r{columns.index(ATTRIBUTES)}"
        lines.append(f"held = {held} if {held}.__class__ is dict else {{}}")
    for number, (plan, function) in enumerate(zip(plans, functions, strict=True)):
        names[f"n{number}"] = plan.field.name
        if function is None:
            names[f"x{number}"] = plan.fixed
        else:
            names |= _references(number, plan, function)
            lines += _lines(number, plan, columns, attribute_types)
    return _define(plans, columns, lines, names)


def _references(number: int, plan: FieldPlan, function: FieldFunction) -> dict[str, Any]:
    """What the lines of one field refer to: its function, its source, its attribute's name."""
    assert plan.reading is not None
    names: dict[str, Any] = {f"f{number}": function, f"s{number}": plan.reading.function}
    if len(plan.reading.needs) == 1:
        names[f"a{number}"] = plan.reading.needs[0].removeprefix(ATTRIBUTE_PREFIX)
    return names


def _lines(
    number: int, plan: FieldPlan, columns: Sequence[str], attribute_types: AttributeTypes
) -> Iterator[str]:
    """The lines that set one field's value."""
    general = f"f{number}(row, company, notes)"
    given = _inline_value(number, plan, columns, attribute_types)
    if given is None:
        yield f"x{number} = {general}"
        return
    value, test = given
    if not value.startswith("r"):
        yield f"v{number} = {value}"
        value = f"v{number}"
    test = test.replace("?", value)
    if plan.field.required:
        yield f"x{number} = {value} if {value} and {test} else {general}"
    else:
        # An empty list or a zero of a source is no empty value.
        empty = f'{value} is None or {value} == ""'
        filled = f"{value} if {test} else {general}"
        yield f"x{number} = ({filled}) if {value} else None if {empty} else {general}"


def _inline_value(
    number: int, plan: FieldPlan, columns: Sequence[str], attribute_types: AttributeTypes
) -> tuple[str, str] | None:
    """The expression of a value, and the test (of "?") that it can be sent as it is."""
    reading = plan.reading
    assert reading is not None
    if plan.converts_always:
        return None
    if any(need.startswith(ATTRIBUTE_PREFIX) for need in reading.needs):
        test = _attribute_test(plan, attribute_types)
        return (f"held.get(a{number})", test) if test else None
    if plan.field.type not in _INLINE_TEXTS:
        return None
    test = _text_test(plan.field.length or DEFAULT_LENGTH)
    if reading.function is as_it_is:
        name = reading.needs[0]
        return (f"r{columns.index(name)}", test) if FIELDS[name].type in TEXT_TYPES else None
    arguments = (_argument(need, columns) for need in reading.needs)
    return f"s{number}({', '.join(arguments)})", f"?.__class__ is str and {test}"


def _argument(need: str, columns: Sequence[str]) -> str:
    return "company" if need == FOUND_COMPANY else f"r{columns.index(need)}"


def _attribute_test(plan: FieldPlan, attribute_types: AttributeTypes) -> str | None:
    """The test of one attribute as it is stored; None where it needs more than a look."""
    assert plan.reading is not None
    if len(plan.reading.needs) > 1 or plan.reading.function is not as_it_is:
        return None
    kind = attribute_types.get(plan.reading.needs[0].removeprefix(ATTRIBUTE_PREFIX))
    if kind in TEXT_TYPES and plan.field.type in _INLINE_TEXTS:
        return _text_test(plan.field.length or DEFAULT_LENGTH)
    if kind is FieldType.INTEGER and plan.field.type in _NUMBERS and not numbers.scale(plan.field):
        limit = 10 ** numbers.whole_digits(plan.field)
        return f"?.__class__ is int and -{limit} < ? < {limit}"
    return None


def _text_test(length: int) -> str:
    """Short enough however its characters count, no control character, no blank around it.

    What is no text has no `isprintable` and so goes the careful way.
    """
    return (
        f"(len(?) <= {int(length) // 2} or len(?) <= {int(length)} and ?.isascii())"
        f' and ?.isprintable() and ?[0] != " " != ?[-1]'
    )


def _define(
    plans: Sequence[FieldPlan], columns: Sequence[str], lines: Sequence[str], names: dict[str, Any]
) -> RowMapper:
    row = ["_", *(f"r{place}" for place in range(1, len(columns)))]
    pairs = ", ".join(f"n{number}: x{number}" for number in range(len(plans)))
    left_out = (
        f"    if x{number} is None: del payload[n{number}]"
        for number, plan in enumerate(plans)
        if plan.leaves_out
    )
    source = "\n".join(
        (
            "def map_row(row, company):",
            f"    ({', '.join(row)},) = row",
            "    notes = []",
            "    try:",
            *(f"        {line}" for line in lines or ["pass"]),
            "    except Exception:",
            "        return careful(row, company)",
            f"    payload = {{{pairs}}}",
            *left_out,
            "    if notes: return settle(payload, notes)",
            "    return payload, (), ()",
        )
    )
    exec(compile(source, "<mapping>", "exec"), names)  # noqa: S102 (only the text made above)
    function: RowMapper = names["map_row"]
    return function
