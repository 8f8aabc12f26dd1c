"""Fills in and sends the forms of rules."""

from __future__ import annotations

from django.urls import reverse

from tests.first_data import put_back
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


CONDITION = {
    "name": "Large in Germany",
    "points": "10",
    "c-join": "all",
    "c-0-subject": "field:country",
    "c-0-test": "text:in_list",
    "c-0-value": "Germany\nAustria",
    "c-1-join": "any",
    "c-1-0-subject": "field:job_title",
    "c-1-0-test": "text:contains",
    "c-1-0-value": "Director",
    "c-1-1-subject": "attribute:licences",
    "c-1-1-test": "number:greater",
    "c-1-1-value": "100",
}
DATA = {"activity": ACTIVITY, "attribute": ATTRIBUTE, "condition": CONDITION}


def add(client, score, kind, **changes):
    return client.post(url("rule_add", score.pk, kind), {**DATA[kind], **changes})


def activity_rule(score, **columns):
    values = {"name": "R", "kind": "activity", "activity_type": "purchase", "points": 1}
    return Rule.objects.create(score=score, **{**values, **columns})


def errors_of(response):
    assert response.status_code == 200
    assert not Rule.objects.exists()
    return response.context["form"].errors


def told(rule):
    return sentence(rule, known_to([rule]))


def make_score() -> Score:
    """A score without rules, and attributes and an activity type for them."""
    put_back()
    ActivityType.objects.create(name="purchase", label="Purchase")
    Attribute.objects.create(name="licences", label="Licences", type="integer")
    Attribute.objects.create(name="consent", label="Consent", type="boolean")
    Attribute.objects.create(name="renewal", label="Renewal", type="date")
    Attribute.objects.create(name="seen", label="Seen", type="datetime")
    Attribute.objects.create(name="size", label="Size", type="choice", choices="small\nlarge")
    return Score.objects.create(name="Sales ready")
