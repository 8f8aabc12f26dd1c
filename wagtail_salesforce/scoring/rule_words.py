"""Says in one sentence what a rule does. Pure: a compiled rule in, a sentence out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_salesforce.scoring.rules import ActivityRule, PointsRule
from wagtail_salesforce.scoring.windows import Window
from wagtail_salesforce.scoring.words import (
    Labels,
    check_text,
    condition_text,
    moment,
    number,
    one_stop,
)


def rule_text(rule: PointsRule, labels: Labels | None = None) -> str:
    """What the rule does, such as: “Quote requested” gives 1 point for each unit of its value,
    at most 5,000 points, each valid for 90 days.

    `labels` say what people call attributes, activity types and pages; names and numbers serve
    where one is missing. For a rule that is not saved yet, compile it first (`compile_rule`).
    """
    labels = labels or Labels()
    if isinstance(rule, ActivityRule):
        text = ", ".join(_activity_parts(rule, labels))
    else:
        words = {"what": condition_text(rule.condition, labels), "points": points(rule.points)}
        text = _("%(points)s when %(what)s") % words
    return one_stop(_("%(rule)s.") % {"rule": text})


def points(amount: int) -> str:
    """So many points: 1 point, −3 points, 5,000 points."""
    return ngettext("%(number)s point", "%(number)s points", abs(amount)) % {
        "number": number(amount)
    }


def _activity_parts(rule: ActivityRule, labels: Labels) -> Iterator[str]:
    name = labels.activity_types.get(rule.activity_type, rule.activity_type)
    yield _basis(rule) % {"type": name, "points": points(rule.points)}
    if rule.tests.pages:
        yield _("only on %(pages)s") % {"pages": _pages(rule, labels)}
    if rule.tests.checks:
        yield _("only when %(what)s") % {"what": _checks(rule)}
    if rule.max_points is not None:
        limit = _("at most %(points)s") if rule.points >= 0 else _("at least %(points)s in all")
        yield limit % {"points": points(rule.max_points)}
    if rule.window is not None:
        yield _validity(rule.window)
    if rule.valid_until is not None:
        yield _until(rule.valid_until)


def _basis(rule: ActivityRule) -> str:
    if rule.per_value and rule.recurring:
        return _("“%(type)s” gives %(points)s for each unit of its value")
    if rule.per_value:
        return _("the first “%(type)s” gives %(points)s for each unit of its value")
    if rule.recurring:
        return _("“%(type)s” gives %(points)s each time")
    return _("“%(type)s” gives %(points)s once")


def _pages(rule: ActivityRule, labels: Labels) -> str:
    gone = _("a page that is gone")
    known = labels.pages
    titles = [
        _("“%(text)s”") % {"text": known[pk]} if pk in known else gone
        for pk in sorted(rule.tests.pages)
    ]
    return _(" or ").join(dict.fromkeys(titles))


def _checks(rule: ActivityRule) -> str:
    subjects = {
        "value": _("the value"),
        "title": _("the title"),
        "campaign": _("the campaign"),
        "occurred_at": _("the time"),
    }
    return _(" and ").join(check_text(subjects[name], check) for name, check in rule.tests.checks)


def _validity(window: Window) -> str:
    amount, words = window.amount, {"number": number(window.amount)}
    texts = {
        "days": ngettext("each valid for %(number)s day", "each valid for %(number)s days", amount),
        "weeks": ngettext(
            "each valid for %(number)s week", "each valid for %(number)s weeks", amount
        ),
        "months": ngettext(
            "each valid for %(number)s month", "each valid for %(number)s months", amount
        ),
        "years": ngettext(
            "each valid for %(number)s year", "each valid for %(number)s years", amount
        ),
    }
    return texts[window.unit] % words


def _until(end: datetime) -> str:
    return _("until %(moment)s") % {"moment": moment(end)}
