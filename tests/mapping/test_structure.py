"""The form of a mapping's `fields`, whoever writes them."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.mapping.structure import structure_problems

from .making import REQUIRED, Draft, constant, custom, from_field, lead, picklist


@pytest.mark.parametrize(
    ("fields", "path", "words"),
    [
        ([], "", "an object"),
        (None, "", "an object"),
        ({"Last Name": from_field("last_name")}, "Last Name", "API name"),
        ({"": from_field("last_name")}, "", "API name"),
        ({"1st": from_field("last_name")}, "1st", "API name"),
        ({"LastName": "last_name"}, "LastName", "an object"),
        ({"LastName": {}}, "LastName.source", "field, attribute, custom, picklist, constant"),
        ({"LastName": {"source": "sql", "name": "x"}}, "LastName.source", "Choose one of"),
        ({"LastName": {"source": ["field"]}}, "LastName.source", "Choose one of"),
        ({"LastName": {"source": "field"}}, "LastName.name", "Give a name"),
        ({"LastName": {"source": "field", "name": 3}}, "LastName.name", "Give a name"),
        ({"LastName": {"source": "attribute", "name": "a\0"}}, "LastName.name", "be stored"),
        ({"LastName": constant("a\ud800")}, "LastName.value", "be stored"),
        ({"Many__c": picklist(["Red", "\0"])}, "Many__c.value", "be stored"),
        ({"LastName": from_field("surname")}, "LastName.name", "last_name"),
        ({"LastName": custom("magic")}, "LastName.name", "lead_description"),
        ({"LastName": {**from_field("email"), "value": "x"}}, "LastName.value", "not known"),
        ({"Rating": {"source": "picklist", "name": "Hot"}}, "Rating.name", "not known"),
        ({"Rating": picklist("")}, "Rating.value", "Give a value"),
        ({"Rating": picklist(3)}, "Rating.value", "list of texts"),
        ({"Rating": picklist([1])}, "Rating.value", "list of texts"),
        ({"Title": constant(None)}, "Title.value", "Give a value"),
        ({"Title": constant({})}, "Title.value", "Give text"),
        ({"Title": constant(float("nan"))}, "Title.value", "finite"),
        ({"Title": constant("x" * 200_000)}, "Title.value", "shorter"),
    ],
)
def test_malformed(fields, path, words):
    found = structure_problems(fields)
    assert found[0].path == path
    assert words in found[0].message
    with pytest.raises(ValidationError) as caught:
        Mapping(name="m", fields=fields).clean()
    assert words in str(caught.value)


def test_every_problem_is_listed():
    fields = {"A": 1, "B": {"source": "field"}, "C": {"source": "x"}}
    assert [problem.path for problem in structure_problems(fields)] == ["A", "B.name", "C.source"]


@pytest.mark.parametrize("value", ["x", 3, 1.5, True, False, 0])
def test_well_formed(value):
    assert structure_problems({**REQUIRED, "Title": constant(value)}) == []
    Mapping(name="m", fields=REQUIRED).clean()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["source", "name", "value", "LastName", "Rating", "x"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_document_is_judged_without_a_crash(document):
    from wagtail_salesforce.mapping.validate import problems

    malformed = structure_problems(document)
    found = problems(Draft(document), lead(), {})
    assert bool(malformed) <= any(problem.is_error for problem in found)
