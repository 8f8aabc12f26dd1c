"""Where the pages of scores are, and who may see them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from wagtail_salesforce.scoring.models import Rule, Score


NAMESPACE = "wagtail_salesforce_scores"


def may_see_scores(user: Any) -> bool:
    """Whether somebody may open scores."""
    kinds = ("add", "change", "delete", "view")
    return any(user.has_perm(f"wagtail_salesforce.{kind}_score") for kind in kinds)


def score_url(score: Score) -> str:
    """The page of a score."""
    return reverse(f"{NAMESPACE}:inspect", args=[score.pk])


def rule_url(rule: Rule, action: str = "rule_edit") -> str:
    """The form of a rule, or with `rule_delete` the question before deleting it."""
    return reverse(f"{NAMESPACE}:{action}", args=[rule.score_id, rule.pk])


def copy_url(rule: Rule) -> str:
    """The form of a new rule that begins as a copy of this one."""
    address = reverse(f"{NAMESPACE}:rule_add", args=[rule.score_id, rule.kind])
    return f"{address}?copy={rule.pk}"


def explanation_url(score_id: int, contact_id: int) -> str:
    """The page that says how a contact's points in a score came about."""
    return reverse(f"{NAMESPACE}:explanation", args=[score_id, contact_id])
