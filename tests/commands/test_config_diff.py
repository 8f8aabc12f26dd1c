"""The differences between two set-ups, as pure functions."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wagtail_salesforce.config_document.diff import Change, diff, kept, same


HERE = {
    "settings": {"batch_size": 1000, "score": None, "lead_description": "x"},
    "attributes": [{"name": "plan", "label": "Plan", "type": "choice", "choices": ["Gold"]}],
    "statuses": ["Prospect"],
    "form_connections": [
        {"name": "Quote", "form": "/quote/", "fields": {"a": {"field": "email"}}, "enabled": True}
    ],
    "scores": [
        {
            "name": "Ready",
            "enabled": True,
            "rules": [{"name": "Boss", "points": 5, "recurring": True}, {"name": "X", "points": 1}],
        },
        {"name": "Other", "enabled": False, "rules": []},
    ],
    "mapping": {"name": "Leads", "fields": {"City": {"source": "field", "name": "city"}}},
    "mappings": [{"name": "Spare", "fields": {}}],
}
CITY, HOT = {"source": "field", "name": "city"}, {"source": "picklist", "value": "Hot"}


def change(kind, path, keys, old=None, new=None):
    return Change(kind, tuple(keys.split(" / ")), path, old, new)


TABLE = [
    ({}, []),
    ({"settings": {}}, []),
    ({"settings": {"batch_size": 1000}}, []),
    (
        {"settings": {"batch_size": 200}},
        [change("changed", "settings.batch_size", "settings / batch_size", 1000, 200)],
    ),
    ({"settings": {"score": None}}, []),
    (
        {"settings": {"enabled": False}},
        [change("changed", "settings.enabled", "settings / enabled", None, False)],
    ),
    (
        {"attributes": [{"name": "new", "type": "text"}, {"name": "plan", "choices": []}]},
        [
            change(
                "added", "attributes[0]", "attributes / new", new={"name": "new", "type": "text"}
            ),
            change("changed", "attributes[1].choices", "attributes / plan / choices", ["Gold"], []),
        ],
    ),
    (
        {"statuses": ["PROSPECT", "Customer", "customer"]},
        [change("added", "statuses[1]", "statuses / Customer", new="Customer")],
    ),
    (
        {"form_connections": [{"name": "Quote", "fields": {"b": {"field": "city"}}}]},
        [
            change(
                "added",
                "form_connections[0].fields.b",
                "form_connections / Quote / fields / b",
                new={"field": "city"},
            ),
            change(
                "removed",
                "form_connections[0].fields.a",
                "form_connections / Quote / fields / a",
                {"field": "email"},
            ),
        ],
    ),
    (
        {"scores": [{"name": "Ready", "rules": [{"name": "X", "points": 2}, {"name": "New"}]}]},
        [
            change(
                "changed", "scores[0].rules[0].points", "scores / Ready / rules / X / points", 1, 2
            ),
            change(
                "added", "scores[0].rules[1]", "scores / Ready / rules / New", new={"name": "New"}
            ),
        ],
    ),
    (
        {"mapping": {"name": "Leads", "fields": {"Rating": HOT}}},
        [
            change("added", "mapping.fields.Rating", "mappings / Leads / fields / Rating", new=HOT),
            change("removed", "mapping.fields.City", "mappings / Leads / fields / City", CITY),
        ],
    ),
    (
        {"mapping": {"name": "Spare", "fields": {}}},
        [change("changed", "mapping.name", "settings / mapping", "Leads", "Spare")],
    ),
    (
        {"mappings": [{"name": "Spare", "fields": {"City": CITY}}]},
        [change("added", "mappings[0].fields.City", "mappings / Spare / fields / City", new=CITY)],
    ),
]


@pytest.mark.parametrize(("wanted", "changes"), TABLE)
def test_the_table(wanted, changes):
    assert diff(HERE, wanted) == changes


def test_nothing_given_is_not_null():
    (found,) = diff({"settings": {}}, {"settings": {"score": None}})
    assert (found.path, found.old, found.new) == ("settings.score", None, None)


def test_what_stays():
    wanted = {
        "scores": [{"name": "Ready", "rules": [{"name": "X"}]}],
        "mappings": [],
        "settings": {},
    }
    assert kept(HERE, wanted) == {"scores": ["Other", "Ready: Boss"]}
    assert kept(HERE, {"mapping": HERE["mapping"]}) == {"mappings": ["Spare"]}
    assert kept(HERE, HERE) == {}


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [(1, 1.0, True), (True, 1, False), (False, 0, False), ([True], [1], False), ("1", 1, False)],
)
def test_the_same(one, other, equal):
    assert same(one, other) is equal
    assert same({"a": [one]}, {"a": [other]}) is equal


names = st.sampled_from(["a", "b", "c", "d"])
values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("xy", max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=2),
    max_leaves=4,
)
some = st.dictionaries(st.sampled_from(["points", "label", "condition"]), values, max_size=3)
rows = st.dictionaries(names, values, max_size=3)


def named(**more):
    def entry(name, plain, extra):
        return {**plain, "name": name, **extra}

    one = st.builds(entry, names, some, st.fixed_dictionaries({}, optional=more))
    return st.lists(one, max_size=3, unique_by=lambda item: item["name"])


@st.composite
def documents(draw):
    optional = {
        "settings": some,
        "attributes": named(),
        "statuses": st.lists(st.sampled_from(["P", "p", "Q"]), max_size=3),
        "form_connections": named(fields=rows),
        "scores": named(rules=named()),
    }
    document = draw(st.fixed_dictionaries({}, optional=optional))
    mappings = draw(named(fields=rows))
    if mappings and draw(st.booleans()):
        document["mapping"] = mappings.pop()
    return document | {"mappings": mappings}


def merged(here, wanted):
    """What an import promises, written the plain way."""
    result = copy.deepcopy(here)
    result.setdefault("settings", {}).update(wanted.get("settings", {}))
    for part in ("attributes", "form_connections", "scores"):
        result[part] = _merge(result.get(part, []), wanted.get(part, []))
    known = result.setdefault("statuses", [])
    for status in wanted.get("statuses", []):
        if status.lower() not in [one.lower() for one in known]:
            known.append(status)
    used, former = wanted.get("mapping"), result.get("mapping")
    every = _merge([former] if former else [], []) + result.get("mappings", [])
    every = _merge(every, [*([used] if used else []), *wanted["mappings"]])
    chosen = (used or former or {}).get("name")
    result.pop("mapping", None)
    for item in every:
        if item["name"] == chosen:
            result["mapping"] = item
    result["mappings"] = [item for item in every if item["name"] != chosen]
    return result


def _merge(old, new):
    found = {item["name"]: dict(item) for item in old}
    for item in new:
        there = found.setdefault(item["name"], {})
        rules = _merge(there.get("rules", []), item.get("rules", []))
        there.update(copy.deepcopy(item))
        if rules:
            there["rules"] = rules
    return list(found.values())


@settings(max_examples=30, deadline=None)
@given(documents(), documents())
def test_after_an_import_nothing_differs(here, wanted):
    after = merged(here, wanted)
    assert diff(after, wanted) == []
    changes = diff(here, wanted)
    assert (changes == []) == (diff(here, after) == []), "no change is overlooked"
    assert len({(found.path, found.keys) for found in changes}) == len(changes)


@settings(max_examples=30, deadline=None)
@given(documents())
def test_a_set_up_does_not_differ_from_itself(document):
    assert diff(document, document) == []
    assert kept(document, document) == {}
