"""Writes what a plan changes into the database. Call inside a transaction."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from wagtail_salesforce.config_document.pages import page_at
from wagtail_salesforce.config_document.plan import Plan
from wagtail_salesforce.config_document.shape import (
    AttributePart,
    FormConnectionPart,
    MappingPart,
    RulePart,
    ScorePart,
    SettingsPart,
)
from wagtail_salesforce.config_document.validate_mapping import source_entries
from wagtail_salesforce.config_document.values import chosen, rule_values, targets_of
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.contacts import activity_types
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.models import Attribute, ContactStatus, FormConnection
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.scoring.models import Rule, Score
from wagtail_salesforce.scoring.recalculate import request_recalculation


Written = tuple[Model, bool]


def apply(plan: Plan) -> list[Written]:
    """Attributes first, then what refers to them; the settings last.

    What is as it should be already is not saved, for saving has effects: leads become due, scores
    are recalculated. Returns what was written, each with whether it is new.
    """
    document = plan.document
    written = [
        _apply_attribute(part)
        for part in document.attributes
        if plan.touches("attributes", part.name)
    ]
    written += _apply_statuses(plan)
    written += [
        _apply_connection(part)
        for part in document.form_connections
        if plan.touches("form_connections", part.name)
    ]
    written += [
        _apply_score(part, plan) for part in document.scores if plan.touches("scores", part.name)
    ]
    written += _apply_mappings(plan)
    if plan.touches("settings"):
        _apply_settings(plan)
    return written


def _apply_attribute(part: AttributePart) -> Written:
    values = part.given()
    if "choices" in values:
        values["choices"] = "\n".join(chosen(part))
    if part.type != FieldType.CHOICE.value:
        values["choices"] = ""
    return Attribute.objects.update_or_create(name=part.name, defaults=values)


def _apply_statuses(plan: Plan) -> list[Written]:
    """Add the statuses that are new; one that differs in case alone is there already."""
    names = [change.new for change in plan.changes if change.keys[0] == "statuses"]
    return [(ContactStatus.objects.create(name=name), True) for name in names]


def _apply_connection(part: FormConnectionPart) -> Written:
    values = part.given()
    page = page_at(values.pop("form"))
    assert page is not None
    values["page_id"] = page.pk
    if "fields" in values:
        values["fields"] = targets_of(part)
    written = FormConnection.objects.update_or_create(name=part.name, defaults=values)
    activity_types.ensure(part.activity_type)
    return written


def _apply_score(part: ScorePart, plan: Plan) -> Written:
    values = part.given()
    values.pop("rules", None)
    score, created = Score.objects.update_or_create(name=part.name, defaults=values)
    for rule in part.rules:
        if created or plan.touches("scores", part.name, "rules", rule.name):
            _apply_rule(score, rule)
    if any(plan.touches("scores", part.name, key) for key in ("rules", "enabled")) or created:
        request_recalculation(score)
    return score, created


def _apply_rule(score: Score, part: RulePart) -> None:
    Rule.objects.update_or_create(score=score, name=part.name, defaults=rule_values(part))
    if part.activity_type:
        activity_types.ensure(part.activity_type)


def _apply_mappings(plan: Plan) -> list[Written]:
    used = plan.document.mapping
    parts = [*([used] if used else []), *plan.document.mappings]
    return [_apply_mapping(part) for part in parts if plan.touches("mappings", part.name)]


def _apply_mapping(part: MappingPart) -> Written:
    """Saved whole, unlike `update_or_create`: the revision has to grow, so that an editor who has
    the mapping open, and a run under way, notice."""
    found = Mapping.objects.select_for_update().filter(name=part.name).first()
    mapping = found or Mapping(name=part.name)
    mapping.external_id_field = part.external_id_field
    mapping.fields = source_entries(part)
    mapping.org_id = Connection.load().org_id
    mapping.save()
    return mapping, found is None


def _apply_settings(plan: Plan) -> None:
    settings = ReplicationSettings.load()
    if plan.document.mapping:
        settings.mapping = Mapping.objects.get(name=plan.document.mapping.name)
    if plan.document.settings:
        _fill(settings, plan.document.settings)
    settings.save()


def _fill(settings: ReplicationSettings, part: SettingsPart) -> None:
    values: dict[str, Any] = part.given()
    if "score" in values:
        name = values.pop("score")
        settings.choose_score(Score.objects.get(name=name) if name else None)
    if "consent_attribute" in values:
        values["consent_attribute"] = values["consent_attribute"] or ""
    for name, value in values.items():
        setattr(settings, name, value)
