"""Whether a mapping's `fields` have the right form, whatever the organization says."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.fields import FIELDS
from wagtail_salesforce.contacts.values import is_storable
from wagtail_salesforce.exceptions import Problem
from wagtail_salesforce.mapping.resolve import NAMED_GROUPS, Group
from wagtail_salesforce.mapping.sources import custom_sources


_API_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}", re.ASCII)
# A constant may be a long text, but not a book.
MOST_CHARACTERS = 131_072


def structure_problems(fields: Any) -> list[Problem]:
    """Everything malformed in `fields`, each with its path, such as "LastName.name".

    A well-formed entry names its Lead field by API name and is {"source": "field" | "attribute" |
    "custom", "name": text} or {"source": "picklist" | "constant", "value": …}. Contact fields and
    custom sources must exist; whether Lead fields and attributes do is for `validate` to say.
    """
    if not isinstance(fields, dict):
        return [Problem("", _("Give an object with a source for each Lead field."))]
    return [problem for name, entry in fields.items() for problem in entry_problems(name, entry)]


def entry_problems(name: Any, entry: Any) -> list[Problem]:
    """Everything malformed in one row, and a contact field or custom source that is unknown."""
    found = form_problems(name, entry)
    if found or entry["source"] not in _KNOWN:
        return found
    known = _KNOWN[entry["source"]]()
    if entry["name"] in known:
        return []
    message = _("There is no source of this name.") + " " + _one_of(known)
    return [Problem(f"{name}.name", message)]


_KNOWN: dict[str, Callable[[], Collection[str]]] = {
    Group.FIELD.value: lambda: FIELDS,
    Group.CUSTOM.value: custom_sources,
}


def form_problems(name: Any, entry: Any) -> list[Problem]:
    """Everything malformed in one row, whether or not its source exists."""
    return list(_entry(name, entry))


def _entry(name: Any, entry: Any) -> Iterator[Problem]:
    if not isinstance(name, str) or _API_NAME.fullmatch(name) is None:
        yield Problem(str(name), _("Give the API name of a Lead field, such as LastName."))
    elif not isinstance(entry, dict):
        yield Problem(name, _("Give an object with “source” and “name” or “value”."))
    else:
        yield from _source(name, entry)


def _source(path: str, entry: dict[str, Any]) -> Iterator[Problem]:
    try:
        group = Group(entry.get("source"))
    except ValueError:
        yield Problem(f"{path}.source", _one_of([group.value for group in Group]))
        return
    key = "name" if group in NAMED_GROUPS else "value"
    for extra in sorted(str(other) for other in entry.keys() - {"source", key}):
        yield Problem(
            f"{path}.{extra}",
            _("This key is not known here; a source of this kind has “source” and “%(key)s”.")
            % {"key": key},
        )
    message = _named(entry.get("name")) if key == "name" else _valued(group, entry)
    if message:
        yield Problem(f"{path}.{key}", message)


def _named(name: Any) -> str:
    if not isinstance(name, str) or not name:
        return _("Give a name.")
    return "" if is_storable(name) else _unstorable()


def _valued(group: Group, entry: dict[str, Any]) -> str:
    value = entry.get("value")
    if "value" not in entry or value is None or value == "" or value == []:
        return _("Give a value.")
    texts = value if isinstance(value, list) else [value]
    if not all(is_storable(text) for text in texts if isinstance(text, str)):
        return _unstorable()
    if isinstance(value, list):
        return "" if all(isinstance(item, str) and item for item in value) else _texts()
    if group is Group.PICKLIST:
        return "" if isinstance(value, str) else _texts()
    if isinstance(value, float) and not math.isfinite(value):
        return _("Give a finite number.")
    if not isinstance(value, (str, int, float)):
        return _("Give text, a number, or true or false.")
    if isinstance(value, str) and len(value) > MOST_CHARACTERS:
        return _("Give a shorter text.")
    return ""


def _unstorable() -> str:
    return _("This has characters that cannot be stored. Type it anew instead of pasting it.")


def _texts() -> str:
    return _("Give text, or a list of texts.")


def _one_of(names: Iterable[str]) -> str:
    return _("Choose one of: %(names)s.") % {"names": ", ".join(names)}
