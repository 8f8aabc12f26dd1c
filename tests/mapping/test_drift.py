"""Drift: what has changed in the organization since a mapping was saved, said in words."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.mapping.making import (
    ATTRIBUTES,
    EXTERNAL_ID,
    REQUIRED,
    constant,
    entries,
    from_attribute,
    from_field,
    lead,
    make_field,
    picklist,
)
from wagtail_salesforce.mapping.drift import drift
from wagtail_salesforce.mapping.known import known_fields
from wagtail_salesforce.salesforce.describe import FieldDescribe, ObjectDescribe


@dataclass
class Saved:
    """A mapping as it was saved."""

    fields: Any
    external_id_field: str = EXTERNAL_ID
    known_fields: Any = field(default_factory=dict)


def with_field(*changed: FieldDescribe, without: str = "") -> ObjectDescribe:
    fields = {**lead().fields, **{each.name: each for each in changed}}
    fields.pop(without, None)
    return replace(lead(), fields=fields)


def saved(before: ObjectDescribe, **rows: Any) -> Saved:
    mapping = Saved({**REQUIRED, **rows})
    mapping.known_fields = known_fields(mapping, before)
    return mapping


def found(before: FieldDescribe | None, now: FieldDescribe | None, entry: Any) -> list[Any]:
    """The drift of the one mapped field `Thing__c`."""
    mapping = saved(with_field(before), Thing__c=entry)
    return drift(mapping, with_field(*([now] if now else [])), ATTRIBUTES)


TEXT = from_field("city")
NUMBER = from_attribute("licences")
WARM = entries("Hot", "Warm", "Cold")
RESTRICTED = {"restricted": True}

#: before, now, source, code, whether it breaks, words
CHANGES = [
    (make_field(), None, TEXT, "removed", True, "gone"),
    (make_field(), make_field(updateable=False), TEXT, "read_only", True, "read-only"),
    (make_field(), make_field(calculated=True), TEXT, "read_only", True, "calculated"),
    (
        make_field(),
        make_field("boolean"),
        TEXT,
        "type_changed",
        True,
        "was Text and is now Checkbox",
    ),
    (make_field(), make_field("textarea"), TEXT, "type_changed", False, "is now Text area"),
    (
        make_field(),
        make_field(length=20),
        TEXT,
        "shortened",
        False,
        "took 40 characters and now takes 20",
    ),
    (make_field(), make_field(length=3), constant("Leeds"), "shortened", True, "takes 3"),
    (make_field(), make_field(nillable=False), TEXT, "made_required", False, "requires it now"),
    (
        make_field("double", precision=18, scale=2),
        make_field("double", precision=8, scale=2),
        NUMBER,
        "fewer_digits",
        False,
        "16 digits before and 2 after the decimal point, and now takes 6 and 2",
    ),
    (
        make_field("double", precision=18, scale=2),
        make_field("double", precision=16, scale=0),
        NUMBER,
        "fewer_digits",
        False,
        "now takes 16 and 0",
    ),
    (
        make_field("int", digits=9),
        make_field("int", digits=4),
        NUMBER,
        "fewer_digits",
        False,
        "now takes 4",
    ),
    (
        make_field("picklist", picklist=WARM),
        make_field("picklist", picklist=WARM, **RESTRICTED),
        TEXT,
        "made_restricted",
        False,
        "only its own 3 values",
    ),
    (
        make_field("picklist", picklist=WARM, **RESTRICTED),
        make_field("picklist", picklist=entries("Hot", inactive=("Cold",)), **RESTRICTED),
        TEXT,
        "values_removed",
        False,
        "2 values of its list are gone: Warm, Cold.",
    ),
    (
        make_field("picklist", picklist=WARM),
        make_field("picklist", picklist=entries("Hot")),
        picklist("Warm"),
        "values_removed",
        True,
        "1 value of its list is gone: Warm.",
    ),
    (
        make_field("multipicklist", picklist=WARM, **RESTRICTED),
        make_field("multipicklist", picklist=entries("Warm", "Hot"), **RESTRICTED),
        picklist(["Cold", "Hot"]),
        "values_removed",
        True,
        "Cold",
    ),
]


@pytest.mark.parametrize(("before", "now", "entry", "code", "breaks", "words"), CHANGES)
def test_each_change_is_found_and_said(before, now, entry, code, breaks, words):
    [change] = found(before, now, entry)
    assert (change.field, change.code, change.breaks) == ("Thing__c", code, breaks)
    assert words in change.message
    assert str(change).startswith("Thing (Thing__c): ")


HARMLESS = [
    (make_field(), make_field(), TEXT),
    (make_field(length=20), make_field(length=40), TEXT),
    (make_field(nillable=False), make_field(), TEXT),
    (make_field(help_text="Old"), replace(make_field(help_text="New"), label="Other"), TEXT),
    (make_field("int", digits=4), make_field("int", digits=9), NUMBER),
    (
        make_field("picklist", picklist=WARM, length=255),
        make_field("picklist", picklist=WARM, length=40),
        TEXT,
    ),
    (make_field("picklist", picklist=WARM), make_field("picklist", picklist=entries("Hot")), TEXT),
    (
        make_field("picklist", picklist=WARM),
        make_field("picklist", picklist=entries("Hot")),
        picklist("Hot"),
    ),
    (
        make_field("picklist", picklist=WARM, **RESTRICTED),
        make_field("picklist", picklist=(*WARM, *entries("New")), **RESTRICTED),
        TEXT,
    ),
    (
        make_field("picklist", picklist=WARM, **RESTRICTED),
        make_field("picklist", picklist=entries("Hot")),
        TEXT,
    ),
]


@pytest.mark.parametrize(("before", "now", "entry"), HARMLESS)
def test_what_can_do_no_harm_is_not_told(before, now, entry):
    assert found(before, now, entry) == []


def identifier(**changes: Any) -> FieldDescribe:
    return replace(lead().fields[EXTERNAL_ID], **changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"unique": False}, "not unique"),
        ({"external_id": False}, "not an External ID"),
        ({"length": 20}, "It takes 20 characters, and 32 are needed."),
        ({"updateable": False}, "may not edit it"),
        ({"type": "picklist"}, "is now Picklist"),
    ],
)
def test_an_external_identifier_that_serves_no_more_breaks_the_mapping(changes, words):
    mapping = saved(lead())
    [change] = drift(mapping, with_field(identifier(**changes)), ATTRIBUTES)
    assert (change.field, change.code, change.breaks) == (EXTERNAL_ID, "identifier_lost", True)
    assert "cannot be the external identifier" in change.message and words in change.message


def test_an_identifier_that_is_gone_is_named():
    [change] = drift(saved(lead()), with_field(without=EXTERNAL_ID), ATTRIBUTES)
    assert (change.field, change.code, change.breaks) == (EXTERNAL_ID, "removed", True)


def test_a_field_that_nobody_mapped_and_salesforce_requires_now():
    now = with_field(make_field(nillable=False), make_field_named("Free__c"))
    [change] = drift(saved(lead()), now, ATTRIBUTES)
    assert (change.field, change.code, change.breaks) == ("Thing__c", "newly_required", True)


def make_field_named(name: str, **values: Any) -> FieldDescribe:
    return replace(make_field(**values), name=name)


def test_several_changes_of_one_field_are_all_told():
    [first, second] = found(make_field(), make_field(length=20, updateable=False), TEXT)
    assert [first.code, second.code] == ["read_only", "shortened"]
    assert first.breaks and second.breaks


def test_what_nobody_remembers_has_not_changed():
    mapping = saved(with_field(make_field()), Thing__c=TEXT)
    mapping.known_fields = {}
    assert drift(mapping, lead(), ATTRIBUTES) == []
    mapping = saved(lead())
    mapping.fields = {**mapping.fields, "Thing__c": TEXT}
    assert drift(mapping, lead(), ATTRIBUTES) == []


@pytest.mark.parametrize("fields", [None, [], {"City": "nonsense"}, {"City": {"source": "field"}}])
def test_rows_that_cannot_be_read_are_for_other_words(fields):
    mapping = saved(lead())
    mapping.fields = fields
    assert drift(mapping, with_field(without=EXTERNAL_ID), ATTRIBUTES) == []
    assert known_fields(mapping, lead()) == {}


def test_an_error_of_ours_does_not_blame_the_organization():
    mapping = saved(with_field(make_field()), Thing__c=from_attribute("deleted"))
    [change] = drift(mapping, with_field(make_field(length=20)), ATTRIBUTES)
    assert not change.breaks


def test_no_more_is_remembered_than_matters():
    """A long list of which the mapping names one value is not kept."""
    values = entries(*(f"Value {number}" for number in range(1000)))
    field_ = make_field("picklist", picklist=values, help_text="Long " * 100)
    mapping = saved(with_field(field_), Thing__c=picklist("Value 7"))
    known = mapping.known_fields["Thing__c"]
    assert known["picklistValues"] == [{"value": "Value 7"}]
    assert "inlineHelpText" not in known and len(str(known)) < 300
    assert set(mapping.known_fields) == {*mapping.fields, EXTERNAL_ID}


def test_what_is_remembered_reads_as_the_field_it_was():
    for name, each in lead().fields.items():
        known = known_fields(Saved({name: constant("x")}, ""), lead())
        again = FieldDescribe.from_json({**known[name], "name": name})
        kept = ("type", "length", "precision", "scale", "digits", "nillable", "required", "unique")
        for attribute in (*kept, "restricted", "external_id", "createable", "updateable", "label"):
            assert getattr(again, attribute) == getattr(each, attribute), (name, attribute)
