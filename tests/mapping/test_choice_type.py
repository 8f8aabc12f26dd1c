"""Attributes of the type choice fill what text fills."""

from __future__ import annotations

import pytest

from tests.mapping.making import (
    CONTEXT,
    REQUIRED,
    Draft,
    entries,
    from_attribute,
    lead,
    make_field,
    map_person,
)
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.mapping.choices import source_choices
from wagtail_salesforce.mapping.compile import compile_mapping
from wagtail_salesforce.mapping.context import MappingContext
from wagtail_salesforce.mapping.convert import FITTING, fits
from wagtail_salesforce.mapping.description import check_description
from wagtail_salesforce.mapping.validate import problems


PLAN = {"plan": FieldType.CHOICE}


@pytest.mark.parametrize("type", FITTING)
def test_it_fits_exactly_where_text_fits(type):
    assert fits(make_field(type), FieldType.CHOICE) is fits(make_field(type), FieldType.TEXT)


@pytest.mark.parametrize("type", ["string", "textarea", "picklist", "multipicklist"])
def test_it_is_offered_for_texts_and_picklists(type):
    field = make_field(type, picklist=entries("Gold"))
    attribute = Attribute(name="plan", label="Plan", type="choice", choices="Gold")
    tokens = [token for _label, group in source_choices(field, [attribute]) for token, _ in group]
    assert "attribute:plan" in tokens


def test_it_is_not_offered_for_numbers():
    attribute = Attribute(name="plan", label="Plan", type="choice", choices="1\n2")
    tokens = [
        token
        for _label, group in source_choices(make_field("int"), [attribute])
        for token, _ in group
    ]
    assert "attribute:plan" not in tokens


@pytest.mark.parametrize("name", ["Title", "Rating"])
def test_it_is_sent_as_its_text(name):
    fields = {**REQUIRED, name: from_attribute("plan")}
    mapping = compile_mapping(Draft(fields), lead(), CONTEXT, PLAN)
    assert map_person(mapping, attributes={"plan": "Hot"})[0][name] == "Hot"
    assert map_person(mapping)[0][name] is None


def test_a_short_field_is_no_cause_for_warning():
    found = problems(Draft({**REQUIRED, "Title": from_attribute("plan")}), lead(), PLAN)
    assert [problem.code for problem in found if problem.field == "Title"] == []


def test_it_stands_in_the_description():
    source = "Plan: {{ contact.attributes.plan }}"
    assert check_description(source, PLAN) == []
    context = MappingContext("Unknown", source, CONTEXT.time_zone)
    fields = {**REQUIRED, "Description": {"source": "custom", "name": "lead_description"}}
    mapping = compile_mapping(Draft(fields), lead(), context, PLAN)
    assert map_person(mapping, attributes={"plan": "Gold"})[0]["Description"] == "Plan: Gold"
