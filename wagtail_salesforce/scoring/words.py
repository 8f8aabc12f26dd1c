"""Says in sentences how the points of a rule came about. Pure: results in, sentences out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_salesforce.contacts.fields import FIELDS, FieldType
from wagtail_salesforce.scoring.checks import Check
from wagtail_salesforce.scoring.conditions import Comparison, Condition
from wagtail_salesforce.scoring.rules import ActivityRule, PointsRule, RuleResult
from wagtail_salesforce.scoring.tests import NUMBERS, Takes


@dataclass(frozen=True)
class Labels:
    """What people call attributes and activity types, by name, and pages, by id; names serve
    where one is missing."""

    attributes: Mapping[str, str] = field(default_factory=dict)
    activity_types: Mapping[str, str] = field(default_factory=dict)
    pages: Mapping[int, str] = field(default_factory=dict)


def reason_text(rule: PointsRule, result: RuleResult, labels: Labels) -> str:
    """Why the rule gives what it gives, in one or more sentences."""
    if not isinstance(rule, ActivityRule):
        return _("%(condition)s.") % {"condition": condition_text(rule.condition, labels)}
    return " ".join(_activity_sentences(rule, result, labels))


def condition_text(condition: Condition, labels: Labels, nested: bool = False) -> str:
    """A condition in words, such as: Job title contains “Director” and City is “York”."""
    if isinstance(condition, Comparison):
        return _comparison_text(condition, labels)
    parts = [condition_text(part, labels, nested=True) for part in condition.parts]
    joined = (_(" and ") if condition.every else _(" or ")).join(parts)
    return f"({joined})" if nested and len(parts) > 1 else joined


def _comparison_text(comparison: Comparison, labels: Labels) -> str:
    label = labels.attributes.get(comparison.name, comparison.name)
    if comparison.source == "field":
        label = str(FIELDS[comparison.name].label)
    return check_text(label, comparison.check)


def check_text(label: str, check: Check) -> str:
    """What is tested in words, such as: Job title contains “Director”."""
    words = {"field": label, "test": check.test.label}
    if check.test.takes is Takes.NONE:
        return _("%(field)s %(test)s") % words
    return _("%(field)s %(test)s %(value)s") % {**words, "value": _operands(check)}


def _operands(check: Check) -> str:
    words = zip(check.operands, check.words, strict=True)
    quoted = [_("“%(text)s”") % {"text": _operand(*pair, check.kind)} for pair in words]
    return (_(" and ") if check.test.takes is Takes.TWO else ", ").join(quoted)


def _operand(value: Any, word: str, kind: FieldType) -> str:
    """Numbers, dates and moments as readers write them; everything else as it was given."""
    if kind is FieldType.DATETIME:
        return moment(value)
    if kind is FieldType.DATE:
        return date_format(value, "DATE_FORMAT")
    return number(Decimal(word)) if kind in NUMBERS else word


def _activity_sentences(rule: ActivityRule, result: RuleResult, labels: Labels) -> Iterator[str]:
    name = labels.activity_types.get(rule.activity_type, rule.activity_type)
    facts = {"type": name, "each": number(rule.points), "amount": number(result.amount)}
    yield _counted(rule, result.count, {**facts, "count": number(result.count)})
    if result.limited:
        yield _("The rule stops at %(points)s.") % {"points": number(result.points)}
    if result.expires_at is not None:
        yield one_stop(_("This changes on %(moment)s.") % {"moment": moment(result.expires_at)})


def _counted(rule: ActivityRule, count: int, facts: Mapping[str, str]) -> str:
    if rule.per_value and rule.recurring:
        return (
            _("The values of “%(type)s” add up to %(amount)s, at %(each)s for each unit.") % facts
        )
    if rule.per_value:
        return (
            _("The first “%(type)s” has the value %(amount)s, at %(each)s for each unit.") % facts
        )
    if not rule.recurring:
        return _("“%(type)s” counts once.") % facts
    return (
        ngettext(
            "%(count)s activity “%(type)s”, at %(each)s.",
            "%(count)s activities “%(type)s”, at %(each)s each.",
            count,
        )
        % facts
    )


def number(value: int | Decimal) -> str:
    """A number as readers of the active language write it: 3,000 or 2,500.5 or −7."""
    exact = Decimal(value)
    whole = exact == exact.to_integral_value()
    size = abs(int(exact)) if whole else format(abs(exact).normalize(), "f")
    text = number_format(size, force_grouping=True)
    return f"−{text}" if exact < 0 else text


def moment(moment: datetime) -> str:
    """A moment on the clock of the active time zone."""
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")


def one_stop(sentence: str) -> str:
    """A sentence that ends in an abbreviation (“9 a.m.”) needs no full stop of its own."""
    return sentence[:-1] if sentence.endswith("..") else sentence
