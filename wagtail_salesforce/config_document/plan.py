"""What importing a document would do, before anything is done."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from wagtail_salesforce.config_document.accepted import AcceptedDrift, accepted_drift
from wagtail_salesforce.config_document.canonical import canonical
from wagtail_salesforce.config_document.diff import Change, diff, kept
from wagtail_salesforce.config_document.export import current_document
from wagtail_salesforce.config_document.shape import Document


@dataclass(frozen=True)
class Plan:
    """A document with what it changes here, and what is here but not in it.

    `drift` is what importing it accepts of changes in Salesforce.
    """

    document: Document
    changes: tuple[Change, ...]
    kept: dict[str, list[str]]
    drift: tuple[AcceptedDrift, ...] = ()

    @cached_property
    def digest(self) -> str:
        """The same for the same changes from the same values, accepting the same of Salesforce."""
        changes = [(*change.keys, change.as_json()) for change in self.changes]
        accepted = [(each.mapping, str(each.drift)) for each in self.drift]
        text = json.dumps([changes, accepted])
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
    changes = tuple(diff(current, wanted))
    saved = {change.keys[1] for change in changes if change.keys[0] == "mappings"}
    return Plan(document, changes, kept(current, wanted), accepted_drift(saved))
