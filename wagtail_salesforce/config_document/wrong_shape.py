"""What is wrong with the shape of a document, in our words: where, what, and the cure."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _
from pydantic import BaseModel

from wagtail_salesforce.config_document.shape import (
    VERSION,
    AttributePart,
    Document,
    FormConnectionPart,
    MappingPart,
    RulePart,
    ScorePart,
    SettingsPart,
    SourcePart,
    TargetPart,
)
from wagtail_salesforce.config_document.text import path_of
from wagtail_salesforce.exceptions import Problem


#: What stands where; numbers in lists and names chosen by people are "*".
PARTS: dict[tuple[str, ...], type[BaseModel]] = {
    (): Document,
    ("settings",): SettingsPart,
    ("attributes", "*"): AttributePart,
    ("form_connections", "*"): FormConnectionPart,
    ("form_connections", "*", "fields", "*"): TargetPart,
    ("scores", "*"): ScorePart,
    ("scores", "*", "rules", "*"): RulePart,
    ("mapping",): MappingPart,
    ("mapping", "fields", "*"): SourcePart,
    ("mappings", "*"): MappingPart,
    ("mappings", "*", "fields", "*"): SourcePart,
}


def version_problem(data: dict[str, Any]) -> Problem | None:
    """Whether the document can be read here at all. Later versions are newer ones."""
    version = data.get("version")
    if version == VERSION and isinstance(version, int) and not isinstance(version, bool):
        return None
    if isinstance(version, int) and version > VERSION:
        message = _(
            "This document was made by a newer version of wagtail-salesforce (document version "
            "%(given)s). Only documents of version %(known)s can be imported here. Update "
            "wagtail-salesforce on this site first."
        )
        return Problem("version", message % {"given": version, "known": VERSION})
    message = _("Only documents of version %(known)s can be imported. Write “version”: %(known)s.")
    return Problem("version", message % {"known": VERSION})


def shape_problem(item: Any) -> Problem:
    """A finding of pydantic's as a Problem with its path."""
    return Problem(path_of(item["loc"]), _words(item))


def _words(item: Any) -> str:
    kind, context = item["type"], item.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_key(item["loc"])
    if kind == "value_error":
        return str(context["error"])
    if kind in _SENTENCES:
        return str(_SENTENCES[kind]()) % context
    return f"{item['msg'].rstrip('.')}."


def _unknown_key(loc: tuple[str | int, ...]) -> str:
    known = list(_keys_at(loc[:-1]))
    near = get_close_matches(str(loc[-1]), known, n=1)
    if near:
        message = _("This key is not known. Did you mean “%(key)s”? Otherwise take it out.")
        return message % {"key": near[0]}
    message = _("This key is not known. Take it out; known here are: %(keys)s.")
    return message % {"keys": ", ".join(known)}


def _keys_at(loc: tuple[str | int, ...]) -> tuple[str, ...]:
    for pattern, part in PARTS.items():
        if len(pattern) == len(loc) and all(
            wanted in ("*", given) for wanted, given in zip(pattern, loc, strict=True)
        ):
            return tuple(part.model_fields)
    return ()


_SENTENCES = {
    "missing": lambda: _("This key is missing. Add it."),
    "int_type": lambda: _("Give a whole number, without quotes."),
    "int_from_float": lambda: _("Give a whole number, without a fraction."),
    "bool_type": lambda: _("Give true or false, without quotes."),
    "string_type": lambda: _("Give a text, in quotes."),
    "list_type": lambda: _("Give a list, in square brackets."),
    "dict_type": lambda: _("Give an object, in braces."),
    "model_type": lambda: _("Give an object, in braces."),
    "literal_error": lambda: _("Choose one of: %(expected)s."),
    "greater_than_equal": lambda: _("Give %(ge)s or more."),
    "less_than_equal": lambda: _("Give %(le)s or less."),
    "string_too_short": lambda: _("Give a text: this one is empty."),
    "string_too_long": lambda: _("Give at most %(max_length)s characters."),
    "string_pattern_mismatch": lambda: _("Give a text of the form %(pattern)s."),
    "datetime_type": lambda: _("Give a date and time, such as 2026-12-31T00:00:00Z."),
    "datetime_parsing": lambda: _("Give a date and time, such as 2026-12-31T00:00:00Z."),
    "datetime_from_date_parsing": lambda: _("Give a date and time, such as 2026-12-31T00:00:00Z."),
}
