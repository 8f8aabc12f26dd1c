"""Where an attribute is used, and the values that contacts have of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.fields.json import KeyTransform
from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.models import Attribute, Contact, FormConnection
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.scoring.models import Rule


CHUNK = 1000


def uses(attribute: Attribute) -> list[str]:
    """What would break without the attribute, as phrases for a list."""
    return [
        *_form_connections(attribute.name),
        *_rules(attribute.name),
        *_mappings(attribute.name),
        *_consent(attribute.name),
    ]


def _form_connections(name: str) -> Iterator[str]:
    for connection in FormConnection.objects.all():
        filled = (target.get("attribute") for target in connection.fields.values())
        if name in (connection.consent_attribute, *filled):
            yield _("the form connection “%(name)s”") % {"name": connection.name}


def _rules(name: str) -> Iterator[str]:
    for rule in Rule.objects.select_related("score"):
        if (rule.source, rule.field) == ("attribute", name) or _names(rule.condition, name):
            yield _("the rule “%(rule)s” of the score “%(score)s”") % {
                "rule": rule.name,
                "score": rule.score.name,
            }


def _names(condition: Any, name: str) -> bool:
    """Whether a condition, nested as it may be, tests the attribute."""
    if isinstance(condition, list):
        return any(_names(part, name) for part in condition)
    if not isinstance(condition, dict):
        return False
    here = condition.get("source") == "attribute" and condition.get("field") == name
    return here or any(_names(part, name) for part in condition.values())


def _mappings(name: str) -> Iterator[str]:
    wanted = {"source": "attribute", "name": name}
    for mapping in Mapping.objects.all():
        if wanted in list(mapping.fields.values()):
            yield _("the mapping “%(name)s”") % {"name": mapping.name}


def _consent(name: str) -> Iterator[str]:
    if ReplicationSettings.objects.filter(consent_attribute=name).exists():
        yield _("the consent attribute in the replication settings")


def with_value(attribute: Attribute) -> QuerySet[Contact]:
    """The contacts that have a value of the attribute."""
    return Contact.objects.filter(attributes__has_key=attribute.name)


def with_choice(attribute: Attribute, choice: str) -> QuerySet[Contact]:
    """The contacts whose value of the attribute is this choice."""
    # Not "attributes__<name>", which means something else for an attribute named "contains".
    value = KeyTransform(attribute.name, "attributes")
    return Contact.objects.alias(value=value).filter(value=choice)


def remove_values(attribute: Attribute) -> None:
    """Take the attribute's values out of all contacts, some at a time.

    The contacts are not told as changed: nothing that is scored or sent may use the attribute.
    """
    last = 0
    while numbers := _next_numbers(attribute, last):
        with transaction.atomic():
            contacts = list(Contact.objects.select_for_update().filter(pk__in=numbers))
            for contact in contacts:
                contact.attributes.pop(attribute.name, None)
            Contact.objects.bulk_update(contacts, ["attributes"])
        last = numbers[-1]


def _next_numbers(attribute: Attribute, last: int) -> list[int]:
    found = with_value(attribute).filter(pk__gt=last).order_by("pk")
    return list(found.values_list("pk", flat=True)[:CHUNK])
