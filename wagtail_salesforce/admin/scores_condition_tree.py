"""A condition as the editor's form shows it: groups of tests, read from posted names and changed
by the buttons of the page. Pure: knows no database and no form.

A place in the tree is a path such as "c-0-1": the second part of the first part of the whole
condition "c". A group posts `<path>-join`, a test posts `<path>-subject`, `-test` and `-value`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from wagtail_salesforce.scoring.checks import value_text
from wagtail_salesforce.scoring.comparisons import DEEPEST
from wagtail_salesforce.scoring.models import Rule


ROOT = "c"
ALL, ANY = "all", "any"


@dataclass
class Test:
    """A test of a field or an attribute: `subject` is "source:name", `test` its bare name."""

    __test__ = False

    subject: str = ""
    test: str = ""
    value: str = ""


@dataclass
class Group:
    """Parts of which all or any must hold."""

    join: str = ALL
    parts: list[Node] = field(default_factory=list)


Node = Test | Group


def empty() -> Group:
    """What a new rule begins with."""
    return Group(ALL, [Test()])


def from_json(raw: Any) -> Group:
    """The condition as stored, however wrong it may be."""
    node = _node_from_json(raw, 1)
    group = node if isinstance(node, Group) else Group(ALL, [node])
    return group if group.parts else empty()


def _node_from_json(raw: Any, depth: int) -> Node:
    if not isinstance(raw, dict):
        return Test()
    join = ANY if ANY in raw else ALL
    parts = raw.get(join)
    if isinstance(parts, list) and depth < DEEPEST:
        return Group(join, [_node_from_json(part, depth + 1) for part in parts])
    source = raw.get("source", Rule.Source.FIELD.value)
    subject = f"{source}:{raw['field']}" if raw.get("field") else ""
    return Test(subject, str(raw.get("test") or ""), value_text(raw.get("value")))


def from_post(data: Mapping[str, Any]) -> Group:
    """The condition as posted; `test` of a test is still "family:test"."""
    return _group_from_post(data, ROOT, 1)


def _group_from_post(data: Mapping[str, Any], path: str, depth: int) -> Group:
    join = ANY if data.get(f"{path}-join") == ANY else ALL
    return Group(join, list(_parts_from_post(data, path, depth)))


def _parts_from_post(data: Mapping[str, Any], path: str, depth: int) -> Iterator[Node]:
    number = 0
    while True:
        part = f"{path}-{number}"
        if f"{part}-subject" in data:
            yield Test(*(data.get(f"{part}-{name}", "") for name in ("subject", "test", "value")))
        elif f"{part}-join" in data and depth < DEEPEST:
            yield _group_from_post(data, part, depth + 1)
        else:
            return
        number += 1


def size(node: Node) -> int:
    """How many tests there are."""
    return sum(map(size, node.parts)) if isinstance(node, Group) else 1


def problem_path(path: str) -> tuple[str, str]:
    """Where a problem of the stored rule belongs: the path of the part, and its column or "".

    "condition.all[1].any[0].value" is ("c-1-0", "value").
    """
    place, column = ROOT, ""
    for step in path.split(".")[1:]:
        name, _bracket, number = step.partition("[")
        if number:
            place = f"{place}-{number.rstrip(']')}"
        column = "" if name in (ALL, ANY) else name
    return place, column


def edit(root: Group, action: str) -> str:
    """Do what a button says, such as "up:c-0-1"; the path of what should have the focus then.

    What makes no sense (a path that is not there, moving the first part up) changes nothing.
    """
    name, _colon, path = action.partition(":")
    change = ACTIONS.get(name)
    steps = path.split("-")
    if change is None or steps[0] != ROOT or not all(step.isdecimal() for step in steps[1:]):
        return ROOT
    return change(root, [int(step) for step in steps[1:]])


def _path(steps: list[int]) -> str:
    return "-".join([ROOT, *map(str, steps)])


def _node(root: Group, steps: list[int]) -> Node | None:
    node: Node = root
    for step in steps:
        if not isinstance(node, Group) or step >= len(node.parts):
            return None
        node = node.parts[step]
    return node


def _add(part: Callable[[], Node], levels: int) -> Callable[[Group, list[int]], str]:
    def add(root: Group, steps: list[int]) -> str:
        group = _node(root, steps)
        if not isinstance(group, Group) or len(steps) + 1 + levels > DEEPEST:
            return ROOT
        group.parts.append(part())
        return _path([*steps, len(group.parts) - 1])

    return add


def _remove(root: Group, steps: list[int]) -> str:
    """A group that loses its last part goes with it; the whole condition keeps an empty test."""
    parent = _node(root, steps[:-1])
    if not steps or not isinstance(parent, Group) or steps[-1] >= len(parent.parts):
        return ROOT
    del parent.parts[steps[-1]]
    if parent.parts:
        return _path([*steps[:-1], min(steps[-1], len(parent.parts) - 1)])
    if parent is not root:
        return _remove(root, steps[:-1])
    root.parts.append(Test())
    return _path([0])


def _move(by: int) -> Callable[[Group, list[int]], str]:
    def move(root: Group, steps: list[int]) -> str:
        parent = _node(root, steps[:-1])
        if not steps or not isinstance(parent, Group):
            return ROOT
        here, there = steps[-1], steps[-1] + by
        if here >= len(parent.parts):
            return ROOT
        if not 0 <= there < len(parent.parts):
            return _path(steps)
        parent.parts[here], parent.parts[there] = parent.parts[there], parent.parts[here]
        return _path([*steps[:-1], there])

    return move


ACTIONS: dict[str, Callable[[Group, list[int]], str]] = {
    "add-test": _add(Test, 1),
    "add-group": _add(empty, 2),
    "remove": _remove,
    "up": _move(-1),
    "down": _move(1),
}
