"""The condition as the editor changes it: pure functions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_salesforce.admin.scores_condition_tree import (
    ACTIONS,
    Group,
    Test,
    edit,
    empty,
    from_json,
    from_post,
    problem_path,
    size,
)
from wagtail_salesforce.scoring.comparisons import DEEPEST


NAMES = st.text("abc", min_size=1, max_size=3)


def some_tests() -> st.SearchStrategy[Test]:
    return st.builds(Test, NAMES.map(lambda name: f"field:{name}"), NAMES, NAMES)


def groups() -> st.SearchStrategy[Group]:
    nodes = st.recursive(
        some_tests(),
        lambda parts: st.builds(
            Group, st.sampled_from(["all", "any"]), st.lists(parts, min_size=1, max_size=3)
        ),
        max_leaves=8,
    )
    return st.builds(
        Group, st.sampled_from(["all", "any"]), st.lists(nodes, min_size=1, max_size=3)
    )


def posted(node, path="c"):
    if isinstance(node, Test):
        return {
            f"{path}-subject": node.subject,
            f"{path}-test": node.test,
            f"{path}-value": node.value,
        }
    data = {f"{path}-join": node.join}
    for number, part in enumerate(node.parts):
        data |= posted(part, f"{path}-{number}")
    return data


def as_json(node):
    if isinstance(node, Test):
        source, _colon, name = node.subject.partition(":")
        return {"source": source, "field": name, "test": node.test, "value": node.value}
    return {node.join: [as_json(part) for part in node.parts]}


def paths(node, path="c"):
    yield path
    if isinstance(node, Group):
        for number, part in enumerate(node.parts):
            yield from paths(part, f"{path}-{number}")


def depth(node):
    return 1 + max((depth(part) for part in node.parts), default=0) if hasattr(node, "parts") else 1


def leaves(node):
    if isinstance(node, Test):
        return [node.subject]
    return [leaf for part in node.parts for leaf in leaves(part)]


@given(groups())
def test_what_is_posted_and_what_is_stored_are_the_same_tree(group):
    assert from_post(posted(group)) == group
    assert from_json(as_json(group)) == group


@given(st.data(), groups())
def test_every_button_leaves_a_tree_that_can_be_posted_again(data, group):
    action = data.draw(st.sampled_from(sorted(ACTIONS)))
    path = data.draw(st.sampled_from([*paths(group), "c-9", "c-0-9-9", "x", "c-", "c-x"]))
    before = size(group)
    kept = sorted(leaves(group))
    focus = edit(group, f"{action}:{path}")
    assert from_post(posted(group)) == group
    assert group.parts
    assert focus in set(paths(group))
    if action in ("up", "down"):
        assert sorted(leaves(group)) == kept
    if action.startswith("add"):
        assert size(group) - before in (0, 1)


@given(groups(), st.lists(st.sampled_from(["c", "c-0", "c-0-0", "c-0-0-0"]), max_size=30))
def test_groups_do_not_nest_deeper_than_rules_may(group, places):
    for place in places:
        edit(group, f"add-group:{place}")
    assert depth(group) <= max(DEEPEST, 10)


def test_groups_nest_to_the_depth_of_rules_and_no_further():
    group, path = empty(), "c"
    for _number in range(20):
        path = edit(group, f"add-group:{path}")
    assert depth(group) == DEEPEST


def three():
    return Group("all", [Test("a"), Group("any", [Test("b"), Test("c")]), Test("d")])


@pytest.mark.parametrize(
    ("action", "order", "focus"),
    [
        ("up:c-1", ["b", "c", "a", "d"], "c-0"),
        ("down:c-1", ["a", "d", "b", "c"], "c-2"),
        ("up:c-0", ["a", "b", "c", "d"], "c-0"),
        ("down:c-2", ["a", "b", "c", "d"], "c-2"),
        ("up:c-1-1", ["a", "c", "b", "d"], "c-1-0"),
        ("remove:c-1-0", ["a", "c", "d"], "c-1-0"),
        ("remove:c-1", ["a", "d"], "c-1"),
        ("remove:c-2", ["a", "b", "c"], "c-1"),
        ("add-test:c-1", ["a", "b", "c", "", "d"], "c-1-2"),
        ("add-group:c", ["a", "b", "c", "d", ""], "c-3"),
        ("remove:c", ["a", "b", "c", "d"], "c"),
        ("nothing:c-1", ["a", "b", "c", "d"], "c"),
        ("", ["a", "b", "c", "d"], "c"),
    ],
)
def test_the_buttons(action, order, focus):
    group = three()
    assert edit(group, action) == focus
    assert leaves(group) == order


def test_a_group_goes_with_its_last_test_and_the_whole_keeps_an_empty_one():
    group = Group("any", [Group("all", [Test("a")])])
    assert edit(group, "remove:c-0-0") == "c-0"
    assert group == Group("any", [Test()])


@pytest.mark.parametrize("raw", [None, [], "x", {}, {"all": []}, {"all": [5]}, {"any": "x"}])
def test_a_broken_condition_can_be_repaired(raw):
    assert leaves(from_json(raw)) == [""]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("condition", ("c", "")),
        ("condition.all[1]", ("c-1", "")),
        ("condition.all[1].any[0].value", ("c-1-0", "value")),
        ("condition.any", ("c", "")),
    ],
)
def test_problems_find_their_part(path, found):
    assert problem_path(path) == found
