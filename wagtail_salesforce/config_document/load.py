"""Imports a document: read and validated whole, then applied in one transaction or not at all."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from pydantic import ValidationError

from wagtail_salesforce.config_document.apply import apply
from wagtail_salesforce.config_document.plan import Plan, make_plan
from wagtail_salesforce.config_document.record import record
from wagtail_salesforce.config_document.shape import PART_KEYS, Document
from wagtail_salesforce.config_document.text import parse
from wagtail_salesforce.config_document.validate import document_problems
from wagtail_salesforce.config_document.wrong_shape import shape_problem, version_problem
from wagtail_salesforce.exceptions import InvalidDocument, Problem
from wagtail_salesforce.replication.models import ReplicationSettings


def import_document(
    text: str | bytes, parts: Collection[str] | None = None, *, user: Any = None
) -> Plan:
    """Import a JSON document. What is absent stays unchanged, and nothing is deleted.

    With `parts` (keys of PART_KEYS) only these are imported. Returns what was changed. Raises
    InvalidDocument with every problem and its path before anything is changed, and NotAuthorized
    for a mapping while no organization is connected.
    """
    document = read_document(text, parts)
    # Once before the lock, where Salesforce may be asked; once within it, where nobody else imports.
    check_document(document)
    with locked():
        check_document(document)
        plan = make_plan(document)
        carry_out(plan, user)
    return plan


def preview_document(text: str | bytes, parts: Collection[str] | None = None) -> Plan:
    """What `import_document` would change. Raises as it does, and changes nothing."""
    document = read_document(text, parts)
    check_document(document)
    return make_plan(document)


def check_document(document: Document) -> None:
    """Raises InvalidDocument or NotAuthorized for a document that does not fit this site."""
    problems = list(document_problems(document))
    if problems:
        raise InvalidDocument(problems)


@contextmanager
def locked() -> Iterator[None]:
    """A transaction in which no other import is under way."""
    ReplicationSettings.load()
    with transaction.atomic():
        ReplicationSettings.objects.select_for_update().get(pk=1)
        yield


def carry_out(plan: Plan, user: Any = None) -> None:
    """Write a plan that was made in this transaction, and note it in the audit log."""
    if plan.changes:
        record(plan, apply(plan), user)


def read_document(text: str | bytes, parts: Collection[str] | None = None) -> Document:
    """Parse the text and check its shape. Raises InvalidDocument.

    With `parts` (keys of PART_KEYS) the rest of the document is left out of account.
    """
    data, problems = parse(text)
    if not isinstance(data, dict):
        raise InvalidDocument([Problem("", _("The document must be a JSON object."))])
    newer = version_problem(data)
    if newer:
        # What a version means that is not known here cannot be judged any further.
        raise InvalidDocument([newer])
    chosen = _chosen(data, parts)
    try:
        document = Document.model_validate(chosen)
    except ValidationError as error:
        told = {problem.path for problem in problems}
        shape = [found for found in map(shape_problem, error.errors()) if found.path not in told]
        raise InvalidDocument([*problems, *shape]) from None
    if problems:
        raise InvalidDocument(problems)
    return document


def _chosen(data: dict[str, Any], parts: Collection[str] | None) -> dict[str, Any]:
    if parts is None:
        return data
    unwanted = {key for part, keys in PART_KEYS.items() if part not in parts for key in keys}
    return {key: value for key, value in data.items() if key not in unwanted}
