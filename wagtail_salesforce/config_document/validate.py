"""Everything wrong with a document that has the right shape, each problem with its path."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext as _

from wagtail_salesforce.config_document.pages import page_at
from wagtail_salesforce.config_document.shape import (
    AttributePart,
    Document,
    FormConnectionPart,
    MappingPart,
    RulePart,
    ScorePart,
    SettingsPart,
)
from wagtail_salesforce.config_document.validate_mapping import mapping_problems, spare_problems
from wagtail_salesforce.config_document.values import chosen, rule_values, targets_of
from wagtail_salesforce.contacts.choices import choice_problems
from wagtail_salesforce.contacts.connections import other_problems
from wagtail_salesforce.contacts.connections import problems as connection_problems
from wagtail_salesforce.contacts.fields import FIELDS, FieldType
from wagtail_salesforce.contacts.models import Attribute, Contact, FormConnection
from wagtail_salesforce.contacts.spam_conditions import Conditions
from wagtail_salesforce.contacts.values import clean_text
from wagtail_salesforce.exceptions import Problem
from wagtail_salesforce.mapping.description import check_description
from wagtail_salesforce.replication.preflight import attribute_types
from wagtail_salesforce.scoring.models import Rule, Score
from wagtail_salesforce.scoring.notify import bad_addresses
from wagtail_salesforce.scoring.validate import rule_problems


AttributeTypes = dict[str, FieldType]


def document_problems(document: Document) -> Iterator[Problem]:
    """All problems. Raises NotAuthorized for a mapping while no organization is connected."""
    types = attribute_types() | {part.name: FieldType(part.type) for part in document.attributes}
    yield from _twice("attributes", document.attributes)
    for number, part in enumerate(document.attributes):
        yield from _at(f"attributes[{number}]", _attribute(part))
    yield from _statuses(document.statuses)
    yield from _connections(document.form_connections, types)
    yield from _scores(document.scores, types)
    if document.settings:
        yield from _at("settings", _settings(document.settings, document, types))
    yield from _mappings(document)
    if document.mapping:
        yield from _at("mapping", mapping_problems(document.mapping, types))


def _mappings(document: Document) -> Iterator[Problem]:
    """Those that are not in use; the editor marks what does not fit the organization."""
    yield from _twice("mappings", document.mappings)
    for number, part in enumerate(document.mappings):
        path = f"mappings[{number}]"
        if document.mapping and document.mapping.name == part.name:
            yield Problem(f"{path}.name", _("The mapping in use has this name. Keep one of them."))
        yield from _at(path, spare_problems(part))


def _at(path: str, problems: Iterable[Problem]) -> Iterator[Problem]:
    """The problems of a part, with their path from the top of the document."""
    for problem in problems:
        below = f".{problem.path}" if problem.path else ""
        yield Problem(f"{path}{below}", problem.message)


def _twice(
    path: str,
    parts: Sequence[AttributePart | FormConnectionPart | ScorePart | RulePart | MappingPart],
) -> Iterator[Problem]:
    counts = Counter(part.name for part in parts)
    for number, part in enumerate(parts):
        if counts[part.name] > 1:
            yield Problem(
                f"{path}[{number}].name", _("This name stands here more than once. Keep one.")
            )


def _attribute(part: AttributePart) -> Iterator[Problem]:
    if part.name in FIELDS:
        message = _("A contact has a field of this name already. Choose another name.")
        yield Problem("name", message)
    existing = Attribute.objects.filter(name=part.name).first()
    if existing and existing.type != part.type and _has_values(part.name):
        message = _("The type cannot be changed from %(type)s: contacts have values of it.")
        yield Problem("type", message % {"type": existing.type})
    yield from _choices(part, existing)


def _choices(part: AttributePart, existing: Attribute | None) -> Iterator[Problem]:
    if part.type != FieldType.CHOICE.value:
        if part.choices:
            yield Problem("choices", _("Only attributes of the type choice have choices."))
    elif "choices" in part.given() or not (existing and existing.choices):
        for message in choice_problems(chosen(part)):
            yield Problem("choices", message)
        if any(len(choice.splitlines()) > 1 for choice in part.choices):
            yield Problem("choices", _("Give each choice on its own, on one line."))


def _has_values(name: str) -> bool:
    return Contact.objects.filter(attributes__has_key=name).exists()


def _statuses(names: Sequence[str]) -> Iterator[Problem]:
    for number, name in enumerate(names):
        if not clean_text(name) or len(name.splitlines()) > 1:
            yield Problem(f"statuses[{number}]", _("Give the name of a status, on one line."))


def _connections(parts: Sequence[FormConnectionPart], types: AttributeTypes) -> Iterator[Problem]:
    yield from _twice("form_connections", parts)
    pages: dict[int, str] = {}
    for number, part in enumerate(parts):
        yield from _at(f"form_connections[{number}]", _connection(part, types, pages))


def _connection(
    part: FormConnectionPart, types: AttributeTypes, pages: dict[int, str]
) -> Iterator[Problem]:
    page = page_at(part.form)
    if page is None or not hasattr(page, "get_form_fields"):
        message = _("There is no form page at %(path)s.") % {"path": part.form}
        yield Problem("form", message)
        return
    if (
        _connected_elsewhere(page.pk, part.name)
        or pages.setdefault(page.pk, part.name) != part.name
    ):
        yield Problem("form", _("This form is connected under another name already."))
    targets = targets_of(part)
    if "fields" in part.given() or not FormConnection.objects.filter(name=part.name).exists():
        yield from _at("fields", connection_problems(targets, types))
    present = {field.clean_name for field in page.get_form_fields()}
    for name in part.fields.keys() - present:
        yield Problem(f"fields.{name}", _no_such_field(present))
    planned = _planned(part, targets)
    yield from other_problems(planned, types)
    named = {
        "value_field": part.value_field,
        "consent_field": part.consent_field,
        "conditions.honeypot": Conditions.of(part.conditions).honeypot,
    }
    for path, name in named.items():
        if name and name not in present:
            yield Problem(path, _no_such_field(present))


def _planned(part: FormConnectionPart, targets: dict[str, dict[str, str]]) -> FormConnection:
    """The connection as it would be: what the document gives over what there is. Not saved."""
    connection = FormConnection.objects.filter(name=part.name).first() or FormConnection()
    given = part.given()
    for name in ("value_field", "consent_field", "consent_attribute", "conditions"):
        if name in given:
            setattr(connection, name, given[name])
    if "fields" in given:
        connection.fields = targets
    return connection


def _connected_elsewhere(page_id: int, name: str) -> bool:
    return FormConnection.objects.filter(page_id=page_id).exclude(name=name).exists()


def _no_such_field(present: set[str]) -> str:
    message = _("The form has no such field. Its fields are: %(names)s.")
    return message % {"names": ", ".join(sorted(present))}


def _scores(parts: Sequence[ScorePart], types: AttributeTypes) -> Iterator[Problem]:
    yield from _twice("scores", parts)
    for number, part in enumerate(parts):
        path = f"scores[{number}]"
        if (part.notify_at is None) != (not part.notify_addresses.strip()):
            message = _("Give both the points and the addresses of a notification, or neither.")
            yield Problem(f"{path}.notify_at", message)
        for address in bad_addresses(part.notify_addresses):
            message = _("“%(address)s” is no e-mail address.") % {"address": address}
            yield Problem(f"{path}.notify_addresses", message)
        yield from _twice(f"{path}.rules", part.rules)
        for position, rule in enumerate(part.rules):
            yield from _at(f"{path}.rules[{position}]", _rule(part, rule, types))


def _rule(score: ScorePart, part: RulePart, types: AttributeTypes) -> list[Problem]:
    """The rule as it would be: what the document gives over what there is."""
    existing = Rule.objects.filter(score__name=score.name, name=part.name).first()
    rule = existing or Rule()
    for name, value in rule_values(part).items():
        setattr(rule, name, value)
    return rule_problems(rule, types)


def _settings(part: SettingsPart, document: Document, types: AttributeTypes) -> Iterator[Problem]:
    given = part.given()
    scores = {score.name for score in document.scores}
    if part.score and part.score not in scores and not _score_exists(part.score):
        message = _("There is no score named “%(name)s”, neither here nor on the site.")
        yield Problem("score", message % {"name": part.score})
    consent = part.consent_attribute
    if consent and types.get(consent) is not FieldType.BOOLEAN:
        message = _("Name an attribute of the type boolean (yes or no).")
        yield Problem("consent_attribute", message)
    if "lead_description" in given:
        yield from check_description(part.lead_description, types)
    if "default_company_name" in given and not part.default_company_name.strip():
        yield Problem("default_company_name", _("Give the name for contacts without a company."))


def _score_exists(name: str) -> bool:
    return Score.objects.filter(name=name).exists()
