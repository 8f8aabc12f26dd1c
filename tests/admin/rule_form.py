"""Fills in and sends the forms of rules."""

from __future__ import annotations

from django.urls import reverse

from wagtail_salesforce.admin.scores_words import known_to, sentence
from wagtail_salesforce.contacts.models import ActivityType, Attribute
from wagtail_salesforce.scoring.models import Rule, Score


NAMESPACE = "wagtail_salesforce_scores"


def url(name, *args):
    return reverse(f"{NAMESPACE}:{name}", args=args)


ACTIVITY = {
    "name": "Licences",
    "points": "1",
    "activity_type": "purchase",
    "per": "activity",
    "recurring": "true",
    "validity": "never",
    "max_points": "",
    "validity_amount": "",
    "validity_unit": "",
    "valid_until": "",
}
ATTRIBUTE = {
    "name": "Boss",
    "points": "5",
    "subject": "field:job_title",
    "test": "text:contains",
    "value": "Director",
}


def add(client, score, kind, **changes):
    data = {**(ACTIVITY if kind == "activity" else ATTRIBUTE), **changes}
    return client.post(url("rule_add", score.pk, kind), data)


def errors_of(response):
    assert response.status_code == 200
    assert not Rule.objects.exists()
    return response.context["form"].errors


def told(rule):
    return sentence(rule, known_to([rule]))


def make_score() -> Score:
    """A score without rules, and attributes and an activity type for them."""
    ActivityType.objects.create(name="purchase", label="Purchase")
    Attribute.objects.create(name="licences", label="Licences", type="integer")
    Attribute.objects.create(name="consent", label="Consent", type="boolean")
    Attribute.objects.create(name="renewal", label="Renewal", type="date")
    return Score.objects.create(name="Sales ready")
