"""Whether a document's mapping fits the organization that is connected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from wagtail_salesforce.config_document.shape import MappingPart
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.session import lead_describe
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.exceptions import NotAuthorized, Problem
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.mapping.structure import structure_problems
from wagtail_salesforce.mapping.validate import problems


def mapping_problems(part: MappingPart, types: dict[str, FieldType]) -> Iterator[Problem]:
    """The mapping's errors; warnings do not keep it from being imported.

    Raises NotAuthorized while no organization is connected.
    """
    if not Connection.load().is_authorized:
        raise NotAuthorized(_("A mapping can only be imported while an organization is connected."))
    malformed = list(spare_problems(part))
    if malformed:
        yield from malformed
        return
    fields = source_entries(part)
    mapping = Mapping(external_id_field=part.external_id_field, fields=fields)
    for problem in problems(mapping, lead_describe(), types):
        if problem.severity == "error":
            yield Problem(_path(problem.field, problem.code), problem.message)


def spare_problems(part: MappingPart) -> Iterator[Problem]:
    """What is wrong with a mapping whatever the organization: enough for one that is not in use."""
    for each in structure_problems(source_entries(part)):
        yield Problem(f"fields.{each.path}", each.message)


def source_entries(part: MappingPart) -> dict[str, Any]:
    """The fields as a `Mapping` keeps them."""
    return {name: source.model_dump(exclude_unset=True) for name, source in part.fields.items()}


def _path(field: str, code: str) -> str:
    if code.startswith("external_id"):
        return "external_id_field"
    return f"fields.{field}" if field else "fields"
