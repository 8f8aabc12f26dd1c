"""What an import would change: pure functions over documents, without a database.

`current` is the whole set-up of a site (`current_document`), `wanted` what a document gives
(`canonical`). What `wanted` does not give stays as it is, and nothing is deleted but the rows of
what is given as a whole: the fields of a mapping or of a form connection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wagtail_salesforce.config_document.text import path_of
from wagtail_salesforce.contacts.choices import folded


ADDED, CHANGED, REMOVED = "added", "changed", "removed"

#: Lists whose entries are matched by their name.
NAMED = ("attributes", "form_connections", "scores", "mappings")

Data = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """One difference.

    `keys` name the place by what people call things: ("scores", "Sales ready", "rules", "Boss",
    "points"). `path` is the place in the document: `scores[0].rules[2].points`. `old` is None for
    what is added, `new` for what is removed.
    """

    kind: str
    keys: tuple[str, ...]
    path: str
    old: Any = None
    new: Any = None

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        return {"change": self.kind, "path": self.path, "old": self.old, "new": self.new}


@dataclass(frozen=True)
class _Place:
    """Where the comparison is: in the words of people, and in the document."""

    keys: tuple[str, ...]
    loc: tuple[str | int, ...]

    def at(self, key: str) -> _Place:
        return _Place((*self.keys, key), (*self.loc, key))

    def entry(self, number: int, name: str) -> _Place:
        return _Place((*self.keys, name), (*self.loc, number))

    def change(self, kind: str, old: Any = None, new: Any = None) -> Change:
        return Change(kind, self.keys, path_of(self.loc), old, new)


class _Nothing:
    """Equal to no value of a document, not even null."""


NOTHING = _Nothing()


def diff(current: Data, wanted: Data) -> list[Change]:
    """The changes that importing `wanted` makes, in the order of the document."""
    changes = list(_values(_start("settings"), current.get("settings", {}), _part(wanted)))
    for part in ("attributes", "form_connections", "scores"):
        changes += _named(_start(part), current.get(part, ()), wanted.get(part, ()))
    changes += _statuses(current.get("statuses", ()), wanted.get("statuses", ()))
    changes += _mappings(current, wanted)
    return changes


def kept(current: Data, wanted: Data) -> dict[str, list[str]]:
    """What is here, but not in the document, by part: it stays as it is.

    Only of parts that the document has. Rules stand with their score: "Sales ready: Boss".
    """
    present = {**current, "mappings": _all_mappings(current)}
    given = {**wanted, "mappings": _all_mappings(wanted)}
    found = {part: _left(present.get(part, ()), given.get(part) or ()) for part in NAMED}
    found["scores"] += _left_rules(current.get("scores", ()), wanted.get("scores", ()))
    return {part: names for part, names in found.items() if names and given.get(part)}


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same; true is not 1, but 1 is 1.0."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return bool(one == other)


def _start(part: str) -> _Place:
    return _Place((part,), (part,))


def _part(wanted: Data) -> Data:
    return wanted.get("settings") or {}


def _values(place: _Place, old: Data, new: Data) -> Iterator[Change]:
    for key, value in new.items():
        there = old.get(key, NOTHING)
        if key == "rules":
            yield from _named(place.at(key), old.get(key) or (), value)
        elif key == "fields" and isinstance(there, dict):
            yield from _rows(place.at(key), there, value)
        elif not same(there, value):
            yield place.at(key).change(CHANGED, None if there is NOTHING else there, value)


def _rows(place: _Place, old: Data, new: Data) -> Iterator[Change]:
    """Given as a whole: what it does not name is taken away."""
    for key, value in new.items():
        if key not in old:
            yield place.at(key).change(ADDED, new=value)
        elif not same(old[key], value):
            yield place.at(key).change(CHANGED, old[key], value)
    for key in old:
        if key not in new:
            yield place.at(key).change(REMOVED, old[key])


def _named(place: _Place, old: Sequence[Data], new: Sequence[Data]) -> Iterator[Change]:
    present = {item["name"]: item for item in old}
    for number, item in enumerate(new):
        name = item["name"]
        there = place.entry(number, name)
        if name in present:
            yield from _values(there, present[name], item)
        else:
            yield there.change(ADDED, new=item)


def _statuses(old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    known = set(map(folded, old))
    for number, name in enumerate(new):
        if folded(name) not in known:
            known.add(folded(name))
            yield _start("statuses").entry(number, name).change(ADDED, new=name)


def _mappings(current: Data, wanted: Data) -> Iterator[Change]:
    present = _all_mappings(current)
    yield from _named(_start("mappings"), present, wanted.get("mappings", ()))
    mapping = wanted.get("mapping")
    if mapping:
        yield from _in_use(current, mapping)
        yield from _mapping(present, mapping)


def _mapping(present: Sequence[Data], mapping: Data) -> Iterator[Change]:
    place = _Place(("mappings", mapping["name"]), ("mapping",))
    there = next((item for item in present if item["name"] == mapping["name"]), None)
    if there is None:
        yield place.change(ADDED, new=mapping)
    else:
        yield from _values(place, there, mapping)


def _in_use(current: Data, mapping: Data) -> Iterator[Change]:
    """Which mapping is in use is a setting."""
    used = (current.get("mapping") or {}).get("name")
    if used != mapping["name"]:
        yield Change(CHANGED, ("settings", "mapping"), "mapping.name", used, mapping["name"])


def _all_mappings(document: Data) -> list[Data]:
    used = document.get("mapping")
    return [*([used] if used else []), *(document.get("mappings") or ())]


def _left(old: Sequence[Data], new: Sequence[Data]) -> list[str]:
    names = {item["name"] for item in new}
    return [item["name"] for item in old if item["name"] not in names]


def _left_rules(old: Sequence[Data], new: Sequence[Data]) -> list[str]:
    given = {item["name"]: item.get("rules", ()) for item in new}
    return [
        f"{score['name']}: {name}"
        for score in old
        if score["name"] in given
        for name in _left(score.get("rules", ()), given[score["name"]])
    ]
