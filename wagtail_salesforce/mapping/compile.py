"""Compiles a mapping, once, into one function from a row of the database to a payload."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from wagtail_salesforce.exceptions import Stopped
from wagtail_salesforce.mapping.careful import Mapped
from wagtail_salesforce.mapping.context import MappingContext
from wagtail_salesforce.mapping.converters import own_converter
from wagtail_salesforce.mapping.generate import generate
from wagtail_salesforce.mapping.mappers import Row, columns_of
from wagtail_salesforce.mapping.plan import plan_field
from wagtail_salesforce.mapping.reading import FOUND_COMPANY, AttributeTypes
from wagtail_salesforce.mapping.resolve import Group, group_of
from wagtail_salesforce.mapping.sources import custom_sources
from wagtail_salesforce.mapping.validate import (
    EXTERNAL_ID_CODES,
    MappingLike,
    MappingProblem,
    problems,
)
from wagtail_salesforce.salesforce.describe import ObjectDescribe


# Raise it when the rules of conversion change, so that payloads are worked out again.
RULES_VERSION = "1"


class MappingBroken(Stopped):
    """The mapping cannot be used; `problems` are its errors.

    `code` is no_external_id when the external identifier is at fault, else mapping_broken.
    """

    code = "mapping_broken"

    def __init__(self, problems: Sequence[MappingProblem]) -> None:
        self.problems = tuple(problems)
        identifier = any(problem.code in EXTERNAL_ID_CODES for problem in problems)
        words = " ".join(in_words(problem) for problem in problems)
        super().__init__(words, code="no_external_id" if identifier else None)


def in_words(problem: MappingProblem) -> str:
    """A problem with the name of its field."""
    if not problem.field:
        return problem.message
    return _("%(field)s: %(message)s") % {"field": problem.field, "message": problem.message}


@dataclass(frozen=True)
class CompiledMapping:
    """A mapping ready for use.

    `columns` are the contact columns for `values_list`, the id first. `map(row, company_name)`
    takes such a row and what the company rule found beyond the contact's own company name (None
    for nothing), and gives (payload, refusals, shortened): JSON-ready values by Lead field, None
    for an empty field; an empty field that cannot be cleared is left out. `key` is a hash of
    everything that influences the output. `fields_read_at` is when the org's fields were read that
    it was compiled for, where that is known.
    """

    columns: tuple[str, ...]
    needs_company: bool
    external_id_field: str
    key: str
    map: Callable[[Row, str | None], Mapped]
    fields_read_at: datetime | None = None

    def without_company(self, rows: Sequence[Row]) -> list[int]:
        """The ids of rows that `company_names` has to be asked for."""
        if not self.needs_company:
            return []
        place = self.columns.index("company_name")
        return [row[0] for row in rows if not (row[place] and row[place].strip())]


def compile_mapping(
    mapping: MappingLike,
    describe: ObjectDescribe,
    context: MappingContext,
    attribute_types: AttributeTypes,
) -> CompiledMapping:
    """Compile a mapping for an organization.

    Raises MappingBroken, or InvalidDescription when the mapping uses a lead description whose
    template does not work.
    """
    errors = [each for each in problems(mapping, describe, attribute_types) if each.is_error]
    if errors:
        raise MappingBroken(errors)
    plans = [
        plan_field(describe.fields[name], entry, context, attribute_types)
        for name, entry in mapping.fields.items()
    ]
    readings = [plan.reading for plan in plans if plan.reading]
    columns = columns_of(readings)
    return CompiledMapping(
        columns=columns,
        needs_company=any(FOUND_COMPANY in reading.needs for reading in readings),
        external_id_field=mapping.external_id_field,
        key=_key(mapping, describe, context, attribute_types),
        map=generate(plans, columns, attribute_types),
        fields_read_at=describe.read_at,
    )


def _key(
    mapping: MappingLike,
    describe: ObjectDescribe,
    context: MappingContext,
    attribute_types: AttributeTypes,
) -> str:
    entries = sorted(mapping.fields.items())
    used = [entry["name"] for _name, entry in entries if group_of(entry) is Group.CUSTOM]
    parts: list[Any] = [
        RULES_VERSION,
        mapping.external_id_field,
        [(name, sorted(entry.items()), describe.fields[name]) for name, entry in entries],
        [custom_sources()[name].identity for name in used],
        [own.identity for name, _entry in entries if (own := own_converter(describe.fields[name]))],
        (context.default_company_name, context.lead_description, str(context.time_zone)),
        sorted((name, str(kind)) for name, kind in attribute_types.items()),
    ]
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()
