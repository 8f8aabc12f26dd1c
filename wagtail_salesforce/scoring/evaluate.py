"""Puts the pure rules to the facts that were read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from wagtail_salesforce.contacts.fields import FIELDS
from wagtail_salesforce.scoring.activities import ContactActivities
from wagtail_salesforce.scoring.comparisons import comparisons
from wagtail_salesforce.scoring.facts import ContactFacts
from wagtail_salesforce.scoring.load import Columns
from wagtail_salesforce.scoring.models import Rule
from wagtail_salesforce.scoring.rules import ActivityRule, PointsRule, RuleResult


def evaluate(
    rule: PointsRule | None, facts: ContactFacts, activities: ContactActivities, now: datetime
) -> RuleResult:
    """What a rule gives a contact; a rule with problems (None) gives nothing."""
    if rule is None:
        return RuleResult()
    if isinstance(rule, ActivityRule):
        return rule.evaluate(activities.for_rule(rule), now)
    return rule.evaluate(facts)


def columns_of(rules: Iterable[Rule]) -> Columns:
    """The contact fields and attributes that these rules look at."""
    fields, attributes = set(), set()
    for comparison in (each for rule in rules for each in comparisons(rule)):
        name = comparison.get("field")
        if comparison.get("source") == Rule.Source.ATTRIBUTE and isinstance(name, str):
            attributes.add(name)
        elif isinstance(name, str) and name in FIELDS:
            fields.add(name)
    return Columns(tuple(sorted(fields)), tuple(sorted(attributes)))
