"""Walks over what is due, window by window, until nothing is due or the time is up."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from wagtail_salesforce.connection.session import Describes, lead_describe
from wagtail_salesforce.mapping.compile import CompiledMapping, compile_mapping
from wagtail_salesforce.mapping.context import MappingContext
from wagtail_salesforce.mapping.known import remember
from wagtail_salesforce.replication.claim import DueLink, Selection, windows
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.replication.preflight import attribute_types
from wagtail_salesforce.replication.prepare import Preparer
from wagtail_salesforce.replication.sender import Sender


#: A contact that is edited without end must not keep a run going without end.
MOST_PASSES = 20


def context_of(settings: ReplicationSettings) -> MappingContext:
    """What the mapping needs of the settings."""
    return MappingContext(
        default_company_name=settings.default_company_name,
        lead_description=settings.lead_description,
        time_zone=timezone.get_default_timezone(),
    )


def compiled_for(settings: ReplicationSettings, client: Describes | None) -> CompiledMapping:
    """The mapping in use, compiled against the org's fields (read at most once an hour)."""
    mapping = settings.mapping
    assert mapping is not None
    describe = lead_describe(client)
    compiled = compile_mapping(mapping, describe, context_of(settings), attribute_types())
    if not mapping.known_fields:
        remember(mapping, describe)
    return compiled


def revision_of(settings: ReplicationSettings | None = None) -> tuple[Any, ...] | None:
    """What changes when the settings or their mapping are saved; read anew without settings."""
    if settings is not None and settings.mapping is not None:
        return (settings.modified_at, settings.mapping_id, settings.mapping.revision)
    columns = ("modified_at", "mapping_id", "mapping__revision")
    return ReplicationSettings.objects.values_list(*columns).first()


class Walk:
    """One walk over the due links: leads that exist first, then new ones, by contact id."""

    def __init__(
        self,
        selection: Selection,
        settings: ReplicationSettings,
        compiled: CompiledMapping,
        sender: Sender,
    ) -> None:
        self.selection = selection
        self.sender = sender
        self.preparer = Preparer(compiled, settings, selection)
        self.known = revision_of(settings)

    def until_done(self, deadline: float) -> bool:
        """Pass over the due links until a pass finds none.

        True when there is more to do: the time was up first, or the settings or the mapping were
        saved meanwhile. They are looked at after a window is read and before it is judged: what
        is saved later lets the versions grow, so that nobody is judged by what no longer holds.
        """
        for _ in range(MOST_PASSES):
            found = 0
            for window in self._windows():
                found += len(window)
                changed = revision_of() != self.known
                if not changed:
                    self._handle(window)
                if changed or time.monotonic() > deadline:
                    self.sender.flush()
                    return True
            self.sender.flush()
            if not found:
                return False
        return False

    def _windows(self) -> Iterator[list[DueLink]]:
        cutoff = timezone.now()
        claimant = self.sender.claims
        for updates in (True, False):
            yield from windows(cutoff, updates=updates, selection=self.selection, claimant=claimant)

    def _handle(self, window: list[DueLink]) -> None:
        prepared = self.preparer.prepare(window)
        self.sender.settle(prepared.outcomes)
        self.sender.add(prepared.leads)
