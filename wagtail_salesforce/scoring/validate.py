"""Everything that is wrong with a rule, for forms and configuration documents."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from wagtail_salesforce.exceptions import Problem
from wagtail_salesforce.scoring.compile import Reader
from wagtail_salesforce.scoring.compile_condition import AttributeTypes
from wagtail_salesforce.scoring.models import POINTS_LIMIT, Rule


OVERFLOW = 2**31 - 1


def rule_problems(rule: Rule, attribute_types: AttributeTypes) -> list[Problem]:
    """All problems of a rule, saved or not; each names the column it is about.

    `attribute_types` are the attributes that exist (or will exist) by name, with their types.
    """
    reader = Reader(attribute_types)
    reader.read(rule)
    return [*_points(rule), *reader.problems, *_misplaced(rule)]


def _points(rule: Rule) -> Iterator[Problem]:
    if rule.points is None:
        yield Problem("points", _("Give points."))
        return
    if not -POINTS_LIMIT <= rule.points <= POINTS_LIMIT:
        yield Problem("points", _("Give points from −100,000 to 100,000."))
    most = rule.max_points
    if most is not None and not 0 < abs(most) <= OVERFLOW:
        yield Problem("max_points", _("Give a maximum other than 0, or none."))
    elif most is not None and most * rule.points <= 0:
        yield Problem(
            "max_points",
            _("Give the maximum the same sign as the points: negative points have a floor."),
        )
    if rule.validity_amount is not None and rule.valid_until is not None:
        yield Problem("valid_until", _("Let points expire after a period or at a date, not both."))


def _misplaced(rule: Rule) -> Iterator[Problem]:
    """Settings that would do nothing for this kind of rule."""
    kind = Rule.Kind
    columns = {
        kind.ACTIVITY: _("This is for activity rules. Leave it out."),
        kind.ATTRIBUTE: _("This is for attribute rules. Leave it out."),
        kind.CONDITION: _("This is for condition rules. Leave it out."),
    }
    for owner, message in columns.items():
        if owner != rule.kind:
            yield from (Problem(column, message) for column in _set_columns(rule, owner))


def _set_columns(rule: Rule, owner: Rule.Kind) -> list[str]:
    return [name for name in COLUMNS[owner] if getattr(rule, name) != _default(name)]


def _default(name: str) -> object:
    return getattr(Rule(), name)


COLUMNS = {
    Rule.Kind.ACTIVITY: (
        "activity_type",
        "activity_tests",
        "per",
        "recurring",
        "max_points",
        "validity_amount",
        "validity_unit",
        "valid_until",
    ),
    Rule.Kind.ATTRIBUTE: ("source", "field", "test", "value"),
    Rule.Kind.CONDITION: ("condition",),
}
