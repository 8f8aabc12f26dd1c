"""Says in sentences what a rule does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_salesforce.admin.form_connections_pages import page_titles
from wagtail_salesforce.contacts import activity_types
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.scoring.checks import Check
from wagtail_salesforce.scoring.compile import compile_rule
from wagtail_salesforce.scoring.models import Rule
from wagtail_salesforce.scoring.rules import ActivityRule, ContactRule
from wagtail_salesforce.scoring.tests import Takes
from wagtail_salesforce.scoring.words import Labels, condition_text


@dataclass(frozen=True)
class Known:
    """What rules refer to: labels, types of attributes, and titles of pages. Read once."""

    labels: Labels
    types: Mapping[str, FieldType]
    titles: Mapping[int, str] = field(default_factory=dict)


def known_to(rules: Iterable[Rule]) -> Known:
    """Everything that these rules refer to, in three statements."""
    attributes = list(Attribute.objects.all())
    labels = Labels({item.name: item.label for item in attributes}, activity_types.labels())
    pages = {page for rule in rules for page in pages_of(rule)}
    types = {item.name: FieldType(item.type) for item in attributes}
    return Known(labels, types, page_titles(pages))


def pages_of(rule: Rule) -> list[int]:
    """The pages that a rule is limited to, as stored; none means all."""
    tests = rule.activity_tests if isinstance(rule.activity_tests, dict) else {}
    pages = tests.get("pages", [])
    return [page for page in pages if isinstance(page, int)] if isinstance(pages, list) else []


def sentence(rule: Rule, known: Known) -> str:
    """What the rule does, in one or more sentences; "" when it has problems."""
    pure = compile_rule(rule, known.types)
    if pure is None:
        return ""
    if isinstance(pure, ContactRule):
        return _contact_sentence(pure, known.labels)
    return " ".join(_activity_sentences(pure, rule, known))


def points_text(points: int) -> str:
    """So many points, with a proper minus sign."""
    number = number_format(abs(points), force_grouping=True)
    signed = f"−{number}" if points < 0 else number
    return ngettext("%(number)s point", "%(number)s points", abs(points)) % {"number": signed}


def _contact_sentence(rule: ContactRule, labels: Labels) -> str:
    words = {"points": points_text(rule.points), "what": condition_text(rule.condition, labels)}
    return _("%(points)s when %(what)s.") % words


def _activity_sentences(pure: ActivityRule, rule: Rule, known: Known) -> Iterator[str]:
    name = known.labels.activity_types.get(pure.activity_type, pure.activity_type)
    yield _basis(pure) % {"points": points_text(pure.points), "type": name}
    if pure.tests.pages:
        yield _("Only on %(pages)s.") % {"pages": _pages(rule, known.titles)}
    if pure.tests.checks:
        yield _("Only when %(what)s.") % {"what": _checks(pure.tests.checks)}
    if pure.max_points is not None:
        yield _limit(pure) % {"points": points_text(pure.max_points)}
    yield from _validity(rule)


def _basis(pure: ActivityRule) -> str:
    if pure.per_value and pure.recurring:
        return _("%(points)s for each unit of the value of every activity “%(type)s”.")
    if pure.per_value:
        return _("%(points)s for each unit of the value of the first activity “%(type)s”.")
    if pure.recurring:
        return _("%(points)s for every activity “%(type)s”.")
    return _("%(points)s once, for the first activity “%(type)s”.")


def _limit(pure: ActivityRule) -> str:
    if pure.points < 0:
        return _("Never less than %(points)s in all.")
    return _("Never more than %(points)s in all.")


def _pages(rule: Rule, titles: Mapping[int, str]) -> str:
    gone = _("a page that is gone")
    quoted = [f"“{titles[page]}”" if page in titles else gone for page in pages_of(rule)]
    return _(" or ").join(dict.fromkeys(quoted))


def _checks(checks: Iterable[tuple[str, Check]]) -> str:
    return _(" and ").join(_check(column, check) for column, check in checks)


def _check(column: str, check: Check) -> str:
    subjects = {
        "value": _("the value"),
        "title": _("the title"),
        "campaign": _("the campaign"),
        "occurred_at": _("the time"),
    }
    words: dict[str, Any] = {"subject": subjects[column], "test": check.test.label}
    if check.test.takes is Takes.NONE:
        return _("%(subject)s %(test)s") % words
    joint = _(" and ") if check.test.takes is Takes.TWO else ", "
    words["value"] = joint.join(f"“{word}”" for word in check.words)
    return _("%(subject)s %(test)s %(value)s") % words


def _validity(rule: Rule) -> Iterator[str]:
    if rule.validity_amount:
        number = number_format(rule.validity_amount)
        yield _validity_text(rule.validity_unit, rule.validity_amount) % {"number": number}
    if rule.valid_until:
        moment = date_format(timezone.localtime(rule.valid_until), "DATETIME_FORMAT")
        yield _("From %(moment)s on, it gives nothing.") % {"moment": moment}


def _validity_text(unit: str, amount: int) -> str:
    texts = {
        "days": ngettext(
            "Each counts for %(number)s day.", "Each counts for %(number)s days.", amount
        ),
        "weeks": ngettext(
            "Each counts for %(number)s week.", "Each counts for %(number)s weeks.", amount
        ),
        "months": ngettext(
            "Each counts for %(number)s month.", "Each counts for %(number)s months.", amount
        ),
        "years": ngettext(
            "Each counts for %(number)s year.", "Each counts for %(number)s years.", amount
        ),
    }
    return texts[unit]
