"""Who may export and import which parts of the set-up."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_salesforce.admin.permissions import CHANGE_SETTINGS, PANEL, may
from wagtail_salesforce.config_document import Plan
from wagtail_salesforce.config_document.diff import ADDED, Change
from wagtail_salesforce.exceptions import Problem


PART_LABELS = {
    "settings": gettext_lazy("Replication settings"),
    "attributes": gettext_lazy("Attributes"),
    "statuses": gettext_lazy("Contact statuses"),
    "form_connections": gettext_lazy("Form connections"),
    "scores": gettext_lazy("Scores and their rules"),
    "mappings": gettext_lazy("Mappings"),
}

#: The model of each part that has permissions of its own.
MODELS = {
    "attributes": "attribute",
    "statuses": "contactstatus",
    "form_connections": "formconnection",
    "scores": "score",
    "mappings": "mapping",
}


def _right(kind: str, part: str) -> str:
    return f"wagtail_salesforce.{kind}_{MODELS[part]}"


def _any_of(part: str, *kinds: str) -> tuple[str, ...]:
    return tuple(_right(kind, part) for kind in kinds)


def may_view(user: Any, part: str) -> bool:
    """Whether somebody may see a part, and so export it."""
    if part == "settings":
        return may(user, *PANEL)
    return may(user, *_any_of(part, "view", "add", "change", "delete"))


def may_import(user: Any, part: str) -> bool:
    """Whether somebody may change anything of a part."""
    if part == "settings":
        return may(user, CHANGE_SETTINGS)
    return may(user, *_any_of(part, "add", "change"))


def viewable(user: Any) -> list[str]:
    """The parts that somebody may export."""
    return [part for part in PART_LABELS if may_view(user, part)]


def importable(user: Any) -> list[str]:
    """The parts that somebody may import."""
    return [part for part in PART_LABELS if may_import(user, part)]


#: Any of these opens the page.
CONFIG = (
    *PANEL,
    *(_right(kind, part) for part in MODELS for kind in ("view", "add", "change", "delete")),
)


def refusals(user: Any, plan: Plan) -> list[Problem]:
    """The changes that somebody may not make; rules belong to their score."""
    return [
        Problem(change.path, _words(change))
        for change in plan.changes
        if not user.has_perm(_needed(change))
    ]


def _needed(change: Change) -> str:
    part = change.keys[0]
    if part == "settings":
        return CHANGE_SETTINGS
    whole = len(change.keys) == 2
    return _right("add" if whole and change.kind == ADDED else "change", part)


def _words(change: Change) -> str:
    if change.keys == ("settings", "mapping"):
        return _(
            "You may not choose which mapping is in use. Ask somebody who may change the "
            "replication settings, or leave out the mappings."
        )
    message = _(
        "You may not make this change. Ask somebody who may, or leave out this part: %(part)s."
    )
    return message % {"part": PART_LABELS[change.keys[0]]}
