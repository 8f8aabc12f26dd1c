"""What an import accepts without writing it: fields that have changed in Salesforce since.

Saving a mapping says that somebody knows the organization's fields as they are now, so that an
import must say which changes those are.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from wagtail_salesforce.mapping.drift import Drift
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.preflight import mapping_drift


@dataclass(frozen=True)
class AcceptedDrift:
    """A change of one Lead field, and the mapping whose import accepts it."""

    mapping: str
    drift: Drift

    def as_json(self) -> dict[str, object]:
        """For the command: {"mapping", "field", "code", "breaks"}."""
        each = self.drift
        return {
            "mapping": self.mapping,
            "field": each.field,
            "code": each.code,
            "breaks": each.breaks,
        }


def accepted_drift(names: Collection[str]) -> tuple[AcceptedDrift, ...]:
    """The open changes of these mappings, by the fields as they were read last; no API call."""
    mappings = Mapping.objects.filter(name__in=names).order_by("name")
    return tuple(
        AcceptedDrift(mapping.name, each) for mapping in mappings for each in mapping_drift(mapping)
    )
