"""What importing a document would do, before anything is done."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from wagtail_salesforce.config_document.canonical import canonical
from wagtail_salesforce.config_document.diff import Change, diff, kept
from wagtail_salesforce.config_document.export import current_document
from wagtail_salesforce.config_document.shape import Document


@dataclass(frozen=True)
class Plan:
    """A document with what it changes here, and what is here but not in it."""

    document: Document
    changes: tuple[Change, ...]
    kept: dict[str, list[str]]

    @cached_property
    def digest(self) -> str:
        """The same for the same changes from the same values."""
        text = json.dumps([(*change.keys, change.as_json()) for change in self.changes])
        return hashlib.sha256(text.encode()).hexdigest()

    def touches(self, *keys: str) -> bool:
        """Whether anything changes at this place, or below it."""
        return keys in self._touched

    @cached_property
    def _touched(self) -> set[tuple[str, ...]]:
        """Every changed place and all that it lies in."""
        ends = [(change.keys, length) for change in self.changes for length in _to(change.keys)]
        return {keys[:length] for keys, length in ends}

    @property
    def wants_resend(self) -> bool:
        """Whether leads may look different now: the mapping in use or a text of the settings."""
        names = ("mapping", "lead_description", "default_company_name")
        used = self.document.mapping
        return any(self.touches("settings", name) for name in names) or bool(
            used and self.touches("mappings", used.name)
        )


def _to(keys: tuple[str, ...]) -> Any:
    return range(1, len(keys) + 1)


def make_plan(document: Document) -> Plan:
    """Compare a document of the right shape with what is there now."""
    current, wanted = current_document(), canonical(document)
    return Plan(document, tuple(diff(current, wanted)), kept(current, wanted))
