"""How a contact's points in a score came about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from wagtail_salesforce.contacts import activity_types
from wagtail_salesforce.contacts.models import Attribute, Contact
from wagtail_salesforce.scoring.activities import Activities
from wagtail_salesforce.scoring.compile import compile_rule
from wagtail_salesforce.scoring.evaluate import columns_of, evaluate
from wagtail_salesforce.scoring.inforce import ScoreRules
from wagtail_salesforce.scoring.load import read_contacts
from wagtail_salesforce.scoring.models import Rule, Score
from wagtail_salesforce.scoring.rules import ActivityRule, PointsRule, RuleResult
from wagtail_salesforce.scoring.words import Labels, reason_text


@dataclass(frozen=True)
class Reason:
    """What one rule gives a contact and why; `expires_at` is when that changes by itself."""

    rule_id: int
    rule: str
    points: int
    text: str
    expires_at: datetime | None = None

    def __str__(self) -> str:
        return f"{self.rule}: {self.text}"


def explain(contact: Contact, score: Score, now: datetime | None = None) -> list[Reason]:
    """The reasons for a contact's points at this moment, by the rules in force.

    Rules that give nothing are left out, except those that cannot: they say so. The points add
    up to what the contact holds, while these count (`ScoreRules.in_force`) and the score is on.
    At most six statements.
    """
    rules = ScoreRules(score, list(score.rules.order_by("pk"))).in_force
    compiled, results = evaluate_rules(contact, rules, now or timezone.now())
    labels = Labels(dict(Attribute.objects.values_list("name", "label")), activity_types.labels())
    return list(_reasons(rules, compiled, results, labels))


def try_on(contact: Contact, rule: Rule, now: datetime | None = None) -> Reason:
    """What one rule, saved or not, gives a contact at this moment and why; stores nothing.

    A rule with problems gives nothing and says so: show `rule_problems(rule)` instead.
    """
    compiled, results = evaluate_rules(contact, [rule], now or timezone.now())
    labels = Labels(dict(Attribute.objects.values_list("name", "label")), activity_types.labels())
    found = list(_reasons([rule], compiled, results, labels))
    nothing = Reason(rule.pk or 0, rule.name, 0, _("The rule gives this contact nothing."))
    return found[0] if found else nothing


def evaluate_rules(
    contact: Contact, rules: list[Rule], now: datetime
) -> tuple[dict[int, PointsRule | None], dict[int, RuleResult]]:
    """The pure rules (None: broken) and their results for a contact, by rule id; stores nothing."""
    rows, types = read_contacts([contact.pk], [], columns_of(rules))
    compiled = {rule.pk: compile_rule(rule, types) for rule in rules}
    by_activity = [rule for rule in compiled.values() if isinstance(rule, ActivityRule)]
    done = Activities([contact.pk], by_activity, now).of(contact.pk)
    facts = rows[contact.pk].facts
    return compiled, {pk: evaluate(rule, facts, done, now) for pk, rule in compiled.items()}


def _reasons(
    rules: Iterable[Rule],
    compiled: Mapping[int, PointsRule | None],
    results: Mapping[int, RuleResult],
    labels: Labels,
) -> Iterator[Reason]:
    for rule in rules:
        pure, result = compiled[rule.pk], results[rule.pk]
        if pure is None:
            text = _("This rule has problems and gives no points. Open the score and repair it.")
            yield Reason(rule.pk or 0, rule.name, 0, text)
        elif result.points:
            text = reason_text(pure, result, labels)
            yield Reason(rule.pk or 0, rule.name, result.points, text, result.expires_at)
