"""Documents that cannot be imported: each problem with its path and its cure."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wagtail_salesforce.admin.config_words import parts_of
from wagtail_salesforce.config_document import import_document, preview_document, read_document
from wagtail_salesforce.config_document.plan import make_plan
from wagtail_salesforce.config_document.text import MOST_BYTES
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.exceptions import InvalidDocument, NotAuthorized
from wagtail_salesforce.mapping.models import Mapping


def problems(text):
    with pytest.raises(InvalidDocument) as refused:
        read_document(text)
    return {problem.path: problem.message for problem in refused.value.problems}


def document(**parts):
    return json.dumps({"version": 1, **parts})


UNREADABLE = [
    (b"", "is empty"),
    (b" \n", "is empty"),
    (b"\xef\xbb\xbf", "is empty"),
    (b'{"version": 1, "statuses": ["\xe9"]}', "is not UTF-8 text. Save it"),
    ('{"version": 1}'.encode("utf-16"), "is not UTF-8 text. Save it"),
    (b'{"version": 1, "statuses": [', "seems to be cut off"),
    (b'{"version": 1, "statuses": ["Prosp', "seems to be cut off"),
    (b'{"version": 1', "seems to be cut off"),
    (b'{"version": 1,\n "statuses": [,]}', "(line 2, column 15)"),
    (b"PK\x03\x04 a spreadsheet", "This is not a JSON document"),
    (b'{"version": 1} {"version": 1}', "This is not a JSON document"),
    (b"[" * 100_000, "levels deep"),
    (b'{"version": 1, "statuses": ["' + b"x" * MOST_BYTES + b'"]}', "larger than 1024 KB"),
    (b" " * 10_000_000, "larger than 1024 KB"),
    (b"[]", "must be a JSON object"),
    (b"NaN", "must be a JSON object"),
]


@pytest.mark.parametrize(("text", "words"), UNREADABLE)
def test_what_cannot_be_read_at_all(text, words):
    ((path, message),) = problems(text).items()
    assert path == ""
    assert words in message


def test_a_byte_order_mark_does_no_harm():
    assert read_document(b"\xef\xbb\xbf" + document(statuses=["Prospect"]).encode()).statuses


DEEP = '{"version": 1, "scores": [{"name": "S", "rules": [{"name": "R", "condition": %s}]}]}'

BAD_VALUES = [
    ('{"version": 1, "version": 1}', "version", "more than once"),
    (
        '{"version": 1, "scores": [{"name": "S", "rules": [{"points": 1, "points": 2}]}]}',
        "scores[0].rules[0].points",
        "more than once",
    ),
    (
        '{"version": 1, "mapping": {"fields": {"City": {}, "City": {}}}}',
        "mapping.fields.City",
        "more than once",
    ),
    (
        '{"version": 1, "settings": {"minimum_points": NaN}}',
        "settings.minimum_points",
        "finite number",
    ),
    (
        '{"version": 1, "settings": {"minimum_points": -Infinity}}',
        "settings.minimum_points",
        "finite number",
    ),
    (
        '{"version": 1, "settings": {"minimum_points": 1e999}}',
        "settings.minimum_points",
        "finite number",
    ),
    (
        '{"version": 1, "settings": {"minimum_points": %s}}' % ("9" * 5000),
        "settings.minimum_points",
        "finite number",
    ),
    ('{"version": 1, "statuses": ["a\\u0000"]}', "statuses[0]", "NUL character"),
    ('{"version": 1, "statuses": ["a\\ud800"]}', "statuses[0]", "half a character"),
    ('{"version": 1, "mapping": {"fields": {"a\\u0000": {}}}}', "mapping.fields", "NUL character"),
    (DEEP % ('{"all":[' * 30 + "]}" * 30), "scores[0].rules[0].condition" + ".all[0]" * 17, "deep"),
]


@pytest.mark.parametrize(("text", "path", "words"), BAD_VALUES)
def test_what_json_lets_through(text, path, words):
    found = problems(text)
    assert any(place.startswith(path) for place in found), found
    assert any(words in message for message in found.values())


@pytest.mark.parametrize(
    ("version", "words"),
    [
        (2, "newer version of wagtail-salesforce (document version 2)"),
        (99, "Update"),
        (0, "Only documents of version 1"),
        ("1", "Only documents of version 1"),
        (True, "Only documents of version 1"),
        (1.0, "Only documents of version 1"),
        (None, "Only documents of version 1"),
    ],
)
def test_other_versions_are_refused_before_anything_is_judged(version, words):
    found = problems(json.dumps({"version": version, "not_invented_yet": 1}))
    assert list(found) == ["version"]
    assert words in found["version"]


def test_no_version():
    assert list(problems("{}")) == ["version"]


UNKNOWN = [
    ({"setings": {}}, "setings", "Did you mean “settings”?"),
    ({"settings": {"batchsize": 1}}, "settings.batchsize", "Did you mean “batch_size”?"),
    (
        {"scores": [{"name": "S", "rules": [{"name": "R", "kind": "activity", "point": 1}]}]},
        "scores[0].rules[0].point",
        "Did you mean “points”?",
    ),
    (
        {"form_connections": [{"name": "F", "form": "/", "fields": {"a": {"feild": "email"}}}]},
        "form_connections[0].fields.a.feild",
        "Did you mean “field”?",
    ),
    (
        {"mapping": {"fields": {"City": {"source": "field", "nam": "city"}}}},
        "mapping.fields.City.nam",
        "Did you mean “name”?",
    ),
    ({"attributes": [{"zzz": 1}]}, "attributes[0].zzz", "known here are: name, label, type"),
]


@pytest.mark.parametrize(("parts", "path", "words"), UNKNOWN)
def test_unknown_keys_are_named_with_the_nearest_known_one(parts, path, words):
    found = problems(document(**parts))
    assert words in found[path]


WRONG_TYPES = [
    ({"settings": {"batch_size": "1000"}}, "settings.batch_size", "Give a whole number, without q"),
    ({"settings": {"batch_size": 1.5}}, "settings.batch_size", "Give a whole number"),
    ({"settings": {"batch_size": True}}, "settings.batch_size", "Give a whole number"),
    ({"settings": {"batch_size": 0}}, "settings.batch_size", "Give 1 or more."),
    ({"settings": {"batch_size": 2000}}, "settings.batch_size", "Give 1000 or less."),
    ({"settings": {"enabled": "true"}}, "settings.enabled", "Give true or false, without quotes."),
    ({"settings": {"lead_description": 1}}, "settings.lead_description", "Give a text, in quotes."),
    (
        {"settings": {"duplicates": "x"}},
        "settings.duplicates",
        "Choose one of: 'suspend' or 'save'.",
    ),
    ({"settings": []}, "settings", "Give an object, in braces."),
    ({"scores": {}}, "scores", "Give a list, in square brackets."),
    ({"scores": [1]}, "scores[0]", "Give an object, in braces."),
    ({"scores": [{}]}, "scores[0].name", "This key is missing. Add it."),
    ({"scores": [{"name": ""}]}, "scores[0].name", "this one is empty"),
    ({"scores": [{"name": "x" * 201}]}, "scores[0].name", "Give at most 200 characters."),
    (
        {"scores": [{"name": "S", "rules": [{"valid_until": "soon"}]}]},
        "scores[0].rules[0].valid_until",
        "such as 2026-12-31T00:00:00Z",
    ),
    *(
        (
            {"scores": [{"name": "S", "rules": [{"valid_until": moment}]}]},
            "scores[0].rules[0].valid_until",
            "Give a year from 1900 to 9000.",
        )
        # In UTC, the first would lie before all years, the other after them.
        for moment in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00")
    ),
    ({"scores": [{"name": " "}]}, "scores[0].name", "this one is empty"),
    (
        {"scores": [{"name": "S", "rules": [{"value": {"a": 1}}]}]},
        "scores[0].rules[0].value",
        "Give a text, a number, or true or false.",
    ),
    (
        {"mapping": {"fields": {"City": {"source": "constant", "value": {}}}}},
        "mapping.fields.City.value",
        "Give a text, a number, or true or false.",
    ),
]


@pytest.mark.parametrize(("parts", "path", "words"), WRONG_TYPES)
def test_wrong_types_are_named_with_the_cure(parts, path, words):
    assert words in problems(document(**parts))[path]


def test_all_problems_of_the_shape_are_listed_at_once():
    text = (
        '{"version": 1, "settings": {"batch_size": "x", "enabled": 1, "colour": 1, "colour": 2},'
        ' "statuses": ["\\u0000"], "scores": [{"rules": 1}]}'
    )
    assert problems(text).keys() == {
        "settings.batch_size",
        "settings.enabled",
        "settings.colour",
        "statuses[0]",
        "scores[0].name",
        "scores[0].rules",
    }


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
sources = st.fixed_dictionaries(
    {"source": st.sampled_from(["field", "attribute", "custom", "picklist", "constant"])},
    optional={"name": st.sampled_from(["city", "x", ""]), "value": junk},
)
shaped = st.fixed_dictionaries(
    {},
    optional={
        "mappings": st.lists(
            st.fixed_dictionaries(
                {
                    "name": st.sampled_from(["A", "B"]),
                    "external_id_field": st.just(""),
                    "fields": st.dictionaries(st.sampled_from(["City", "1", ""]), sources),
                }
            ),
            max_size=2,
        ),
        "scores": st.lists(
            st.fixed_dictionaries(
                {"name": st.sampled_from(["A", "B"])},
                optional={
                    "rules": st.lists(
                        st.fixed_dictionaries(
                            {
                                "name": st.sampled_from(["R", "S"]),
                                "kind": st.sampled_from(["activity", "attribute", "condition"]),
                                "points": st.integers(-5, 5),
                            },
                            optional={
                                "activity_type": st.sampled_from(["", "purchase", "Ä"]),
                                "condition": st.dictionaries(st.just("all"), junk),
                                "activity_tests": st.dictionaries(
                                    st.sampled_from(["pages", "value"]), junk
                                ),
                                "source": st.sampled_from(["", "field"]),
                                "field": st.sampled_from(["city", "x"]),
                                "test": st.sampled_from(["equals", "contains", "x"]),
                                "value": junk,
                                "valid_until": st.sampled_from(
                                    [
                                        "2026-12-31T00:00:00Z",
                                        "2026-12-31T00:00:00",
                                        "0001-01-01T00:00",
                                    ]
                                ),
                            },
                        ),
                        max_size=2,
                    )
                },
            ),
            max_size=2,
        ),
        "attributes": st.lists(
            st.fixed_dictionaries(
                {
                    "name": st.sampled_from(["a", "b"]),
                    "label": st.just("A"),
                    "type": st.sampled_from(["text", "choice"]),
                },
                optional={"choices": st.lists(st.sampled_from(["G", "g ", "", "h\ni"]))},
            ),
            max_size=2,
        ),
        "statuses": st.lists(st.sampled_from(["P", "p ", "", "Q"]), max_size=3),
    },
)
keys = st.sampled_from(["settings", "attributes", "statuses", "scores", "mapping", "mappings"])


@pytest.mark.django_db
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.dictionaries(keys, junk, max_size=3) | shaped)
def test_whatever_comes_is_imported_or_refused_by_path(parts):
    try:
        parts_of(make_plan(read_document(document(**parts))))
        import_document(document(**parts))
        assert preview_document(document(**parts)).changes == ()
    except InvalidDocument as refusal:
        assert all(problem.message for problem in refusal.problems)
    except NotAuthorized:
        assert parts["mapping"]


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_whatever_bytes_come_are_refused_in_words(content):
    assert problems(content)


@pytest.mark.django_db
def test_a_spare_mapping_needs_no_organization_but_the_right_form():
    spare = {"name": "Spare", "external_id_field": "", "fields": {"A": {"source": "field"}}}
    with pytest.raises(InvalidDocument) as refused:
        import_document(document(mappings=[spare], attributes=[]))
    assert [problem.path for problem in refused.value.problems] == ["mappings[0].fields.A.name"]
    spare["fields"] = {"A": {"source": "constant", "value": ["x", "y"]}}
    import_document(document(mappings=[spare]))
    assert Mapping.objects.get().fields == spare["fields"]
    assert not Attribute.objects.exists()
