"""What importing a document would do, and all that keeps it from being imported."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils.functional import cached_property

from wagtail_salesforce.admin.config_rights import PART_LABELS, refusals
from wagtail_salesforce.admin.config_words import Part, parts_of
from wagtail_salesforce.admin.words import in_words
from wagtail_salesforce.config_document import PART_KEYS, Plan
from wagtail_salesforce.config_document.load import read_document
from wagtail_salesforce.config_document.plan import make_plan
from wagtail_salesforce.config_document.shape import Document
from wagtail_salesforce.config_document.text import parse
from wagtail_salesforce.config_document.validate import document_problems
from wagtail_salesforce.exceptions import ConnectorError, InvalidDocument, Problem


@dataclass
class Preview:
    """`plan` is None for a document that could not be read; `left_out` are parts not chosen."""

    plan: Plan | None
    problems: list[Problem]
    left_out: list[Any]

    @property
    def may_import(self) -> bool:
        """Whether there is anything to import, and nothing against it."""
        return bool(self.plan and self.plan.changes and not self.problems)

    @cached_property
    def parts(self) -> list[Part]:
        return parts_of(self.plan) if self.plan else []

    @property
    def digest(self) -> str:
        return self.plan.digest if self.plan else ""


def preview(text: str | bytes, parts: Collection[str], user: Any) -> Preview:
    """Look at a document through the eyes of somebody who may import these parts."""
    try:
        document = read_document(text, parts)
    except InvalidDocument as error:
        return Preview(None, list(error.problems), [])
    problems = problems_of(document)
    plan = make_plan(document)
    return Preview(plan, [*problems, *refusals(user, plan)], _left_out(text, parts))


def problems_of(document: Document) -> list[Problem]:
    """That the organization does not answer is a problem of the mapping here."""
    found: list[Problem] = []
    try:
        found.extend(document_problems(document))
    except ConnectorError as error:
        found.append(Problem("mapping", in_words(error)))
    return found


def _left_out(text: str | bytes, parts: Collection[str]) -> list[Any]:
    data, _found = parse(text)
    given = (part for part, keys in PART_KEYS.items() if any(data.get(key) for key in keys))
    return [PART_LABELS[part] for part in given if part not in parts]
