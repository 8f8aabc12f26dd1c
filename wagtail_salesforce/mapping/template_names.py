"""The names that a lead description may use, and the one that somebody probably meant."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from difflib import get_close_matches
from types import SimpleNamespace

from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.fields import FIELDS
from wagtail_salesforce.contacts.guess import guess_fields
from wagtail_salesforce.mapping.reading import ATTRIBUTE_PREFIX
from wagtail_salesforce.mapping.template_language import Path


FIELD_PREFIX = "contact."
_ALIKE = 0.6
# Shorter parts of names are found in too many others.
_LEAST_PART = 3


def is_known(path: Path, attribute_names: Collection[str]) -> bool:
    """Whether a variable's path names a contact field or an attribute."""
    inner = path[1:] if path[0] == "contact" else path
    if len(inner) == 2 and inner[0] == "attributes":
        return inner[1] in attribute_names
    return path[0] == "contact" and len(inner) == 1 and inner[0] in FIELDS


def unknown(path: Path, attribute_names: Collection[str]) -> str:
    """Says that there is no such variable, and which one was probably meant."""
    text = _("There is no %(name)s.") % {"name": ".".join(path)}
    nearest = next(_nearest(path, attribute_names), "")
    if nearest:
        meant = _("Did you mean %(name)s?") % {"name": nearest}
        return f"{text} {meant}"
    return f"{text} {_where_names_are(path, attribute_names)}"


def _nearest(path: Path, attribute_names: Collection[str]) -> Iterator[str]:
    """The full names that are like the wrong one, the likeliest first."""
    wanted = path[-1].lower()
    # Nothing is like no name at all, as in {{ contact. }}.
    if wanted in ("", "contact", "attributes"):
        return
    # Which of the two it is in comes from what was typed, where both have the name.
    among = [*attribute_names, *FIELDS] if "attributes" in path else [*FIELDS, *attribute_names]
    found = [name for name in among if name == wanted] or [
        *get_close_matches(wanted, among, n=1, cutoff=_ALIKE),
        *_by_word(wanted),
        *(name for name in among if len(wanted) >= _LEAST_PART and wanted in name),
    ]
    for name in found:
        in_attributes = name in attribute_names and (name not in FIELDS or "attributes" in path)
        yield f"{ATTRIBUTE_PREFIX if in_attributes else FIELD_PREFIX}{name}"


def _by_word(wanted: str) -> Iterator[str]:
    """The contact field that forms call by this word: a surname is a last name."""
    field = SimpleNamespace(clean_name=wanted, label=wanted, field_type="singleline")
    target = guess_fields([field]).get(wanted, {}).get("field", "")
    if target in FIELDS:
        yield target


def _where_names_are(path: Path, attribute_names: Collection[str]) -> str:
    """There are too many to name them all beside every wrong one."""
    if "attributes" in path and not attribute_names:
        return _("No attribute is defined yet.")
    return _(
        "The names to choose from stand on the Salesforce panel, under “Insert a contact field or "
        "attribute”."
    )
