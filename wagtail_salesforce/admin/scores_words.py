"""Says in sentences what rules do and what kinds of rules are for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from wagtail_salesforce.admin.form_connections_pages import page_titles
from wagtail_salesforce.contacts import activity_types
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.scoring.compile import compile_rule
from wagtail_salesforce.scoring.models import Rule
from wagtail_salesforce.scoring.rule_words import rule_text
from wagtail_salesforce.scoring.words import Labels


@dataclass(frozen=True)
class Known:
    """What rules refer to: labels, titles of pages, and types of attributes. Read once."""

    labels: Labels
    types: Mapping[str, FieldType]


def known_to(rules: Iterable[Rule]) -> Known:
    """Everything that these rules refer to, in three statements."""
    attributes = list(Attribute.objects.all())
    pages = {page for rule in rules for page in pages_of(rule)}
    names = {item.name: item.label for item in attributes}
    labels = Labels(names, activity_types.labels(), page_titles(pages))
    return Known(labels, {item.name: FieldType(item.type) for item in attributes})


def pages_of(rule: Rule) -> list[int]:
    """The pages that a rule is limited to, as stored; none means all."""
    tests = rule.activity_tests if isinstance(rule.activity_tests, dict) else {}
    pages = tests.get("pages", [])
    return [page for page in pages if isinstance(page, int)] if isinstance(pages, list) else []


def sentence(rule: Rule, known: Known) -> str:
    """What the rule does, in one sentence; "" when it has problems."""
    pure = compile_rule(rule, known.types)
    return "" if pure is None else str(capfirst(rule_text(pure, known.labels)))


@dataclass(frozen=True)
class Purpose:
    """What a kind of rule is for, to choose it by."""

    kind: str
    title: str
    text: str


def purpose(kind: str) -> Purpose:
    """What this kind of rule is for."""
    titles = {
        Rule.Kind.ACTIVITY: _("Points for what people do"),
        Rule.Kind.ATTRIBUTE: _("Points for who people are"),
        Rule.Kind.CONDITION: _("Points for several things at once"),
    }
    texts = {
        Rule.Kind.ACTIVITY: _("Such as submitting a form, or a quote for so many licences."),
        Rule.Kind.ATTRIBUTE: _("One field or attribute, such as a job title with “Director”."),
        Rule.Kind.CONDITION: _(
            "Several tests joined by all or any, such as directors in Germany or Austria."
        ),
    }
    return Purpose(kind, titles[Rule.Kind(kind)], texts[Rule.Kind(kind)])


def purposes() -> list[Purpose]:
    """All kinds of rules, the most common first."""
    return [
        purpose(kind) for kind in (Rule.Kind.ACTIVITY, Rule.Kind.ATTRIBUTE, Rule.Kind.CONDITION)
    ]
