"""People's data leaves Salesforce's messages before they are kept."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wagtail_salesforce.salesforce.redact import REMOVED, redact


ECHOES = {
    "Company: data value too large: {} (max length=255)": (
        "Company: data value too large: [removed] (max length=255)"
    ),
    "Company: data value too large: {}": "Company: data value too large: [removed]",
    "Email: invalid email address: {}": "Email: invalid email address: [removed]",
    "Score: value outside of valid range on numeric field: {}": (
        "Score: value outside of valid range on numeric field: [removed]"
    ),
    "Tier: bad value for restricted picklist field: {}": (
        "Tier: bad value for restricted picklist field: [removed]"
    ),
    "Day: value not of required type: {}": "Day: value not of required type: [removed]",
    "Cannot deserialize instance of double from VALUE_STRING value {} or request may be missing "
    "a required field at [line:1, column:129]": (
        "Cannot deserialize instance of double from VALUE_STRING value [removed] or request may "
        "be missing a required field at [line:1, column:129]"
    ),
    "Failed to deserialize field at col 3. Due to, '{}' is not a valid value for the type "
    "xsd:date": (
        "Failed to deserialize field at col 3. Due to, '[removed]' is not a valid value for the "
        "type xsd:date"
    ),
}
VALUES = [
    "Ada",
    "a@b.example",
    "x (max length=9) y",
    "1234",
    "two\nlines",
    "' or 'x",
    "名前 😀",
    "",
]


@pytest.mark.parametrize(("template", "expected"), ECHOES.items())
@pytest.mark.parametrize("value", VALUES)
def test_known_echoes_are_removed_without_knowing_the_value(template, expected, value):
    assert redact(template.format(value)) == expected


@given(st.sampled_from(sorted(ECHOES)), st.text(max_size=300))
def test_any_value_leaves_a_known_echo(template, value):
    assert redact(template.format(value)) == ECHOES[template]


@given(
    st.text(min_size=1, max_size=40),
    st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=3, max_size=30),
    st.text(min_size=1, max_size=40),
)
def test_a_value_that_was_sent_never_survives(before, value, after):
    """In an administrator's own validation message, say."""
    kept = redact(f"{before} {value} {after}", [value])
    assume(value.casefold() not in REMOVED.casefold())
    assert value.casefold() not in kept.replace(REMOVED, "").casefold()


@pytest.mark.parametrize(
    ("message", "values", "expected"),
    [
        ("Ada Lovelace may not be here", ["Ada Lovelace", "Ada"], "[removed] may not be here"),
        ("ADA LOVELACE is known", ["Ada Lovelace"], "[removed] is known"),
        ("Ada  \n Lovelace is known", ["Ada Lovelace"], "[removed] is known"),
        ("A fault at a plant", ["a"], "[removed] fault at [removed] plant"),
        ("Number 42 of 142", [42], "Number [removed] of 142"),
        ("Write to ada@example.org!", [], "Write to [removed]!"),
        ("True and None stay", [True, None, ""], "True and None stay"),
        (
            "duplicate value found: Key__c duplicates value on record with id: 00Q000000000001",
            ["Ada"],
            "duplicate value found: Key__c duplicates value on record with id: 00Q000000000001",
        ),
        ("Required fields are missing: [LastName]", ["Ada"], None),
    ],
)
def test_values_that_were_sent_are_removed(message, values, expected):
    assert redact(message, values) == (expected or message)
