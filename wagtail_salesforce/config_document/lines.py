"""A plan in lines of text, for terminals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from wagtail_salesforce.config_document.diff import ADDED, REMOVED, Change
from wagtail_salesforce.config_document.plan import Plan


SHOWN = 70
SIGNS = {ADDED: "+", REMOVED: "-"}


def lines(plan: Plan) -> Iterator[str]:
    """`+` is added, `~` changed, `-` taken away, `=` here and not in the document, `!` a change in
    Salesforce that saving a mapping accepts."""
    for change in plan.changes:
        yield _line(change)
    for part, names in plan.kept.items():
        for name in names:
            yield f"= {part}: {name} ({_('stays as it is')})"
    for each in plan.drift:
        yield f"! {each.mapping}: {each.drift} ({_('changed in Salesforce; importing accepts it')})"
    if not plan.changes:
        yield _("Nothing differs: everything in the document is here already.")


def _line(change: Change) -> str:
    sign = SIGNS.get(change.kind, "~")
    where = f"{sign} {change.path}{_in_words(change)}"
    if change.kind == ADDED:
        return f"{where}: {_short(change.new)}"
    if change.kind == REMOVED:
        return f"{where}: {_short(change.old)}"
    return f"{where}: {_short(change.old)} → {_short(change.new)}"


def _in_words(change: Change) -> str:
    """The names that people know the place by, where the path has numbers for them."""
    if change.path == ".".join(change.keys):
        return ""
    return f" ({' › '.join(change.keys[1:])})"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
