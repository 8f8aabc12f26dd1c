"""Imports a document: read and validated whole, then applied in one transaction or not at all."""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from pydantic import ValidationError

from wagtail_salesforce.config_document.apply import apply
from wagtail_salesforce.config_document.shape import Document
from wagtail_salesforce.config_document.validate import document_problems
from wagtail_salesforce.exceptions import InvalidDocument, Problem


def import_document(text: str | bytes) -> Document:
    """Import a JSON document. What is absent stays unchanged, and nothing is deleted.

    Raises InvalidDocument with every problem and its path before anything is changed, and
    NotAuthorized for a mapping while no organization is connected.
    """
    document = read_document(text)
    problems = list(document_problems(document))
    if problems:
        raise InvalidDocument(problems)
    with transaction.atomic():
        apply(document)
    return document


def read_document(text: str | bytes) -> Document:
    """Parse the text and check its shape. Raises InvalidDocument."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        message = _("This is not a JSON document: %(error)s.") % {"error": error}
        raise InvalidDocument([Problem("", message)]) from None
    if not isinstance(data, dict):
        raise InvalidDocument([Problem("", _("The document must be a JSON object."))])
    try:
        return Document.model_validate(data)
    except ValidationError as error:
        raise InvalidDocument([_problem(item) for item in error.errors()]) from None


def _problem(item: Any) -> Problem:
    """A pydantic error with its path, such as `scores[0].rules[1].points`, in our words."""
    path = ""
    for part in item["loc"]:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    if path == "version":
        return Problem(path, _("Only documents of version 1 can be imported."))
    if item["type"] == "extra_forbidden":
        return Problem(path, _("This key is not known."))
    if item["type"] == "missing":
        return Problem(path, _("This key is missing."))
    words = item["msg"].removeprefix("Value error, ").rstrip(".")
    return Problem(path, f"{words}.")
