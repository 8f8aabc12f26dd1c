"""How a site's own code takes part in replication.

    from wagtail_salesforce.replication.extensions import OutgoingLead, register_payload_hook

    @register_payload_hook
    def add_region(leads: list[OutgoingLead]) -> None:
        for lead in leads:
            lead.payload["Region__c"] = "EMEA"

Register in a module that is loaded at start-up, such as `apps.py`'s `ready()`. A hook gets the
leads of one window (up to 1,000), so that it can look up what it needs in one query. It may
change `payload`; a field set to None is cleared in Salesforce on update and left out on create.
It may hold a contact back by `lead.refuse("A reason for the editor.")`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from wagtail_salesforce.exceptions import Text


@dataclass(slots=True)
class OutgoingLead:
    """A lead on its way: what will be written, and to which record."""

    link_id: int
    contact_id: int
    external_id: str
    lead_id: str
    version: int
    fingerprint: str
    attempts: int
    payload: dict[str, Any]
    refusal_code: str = ""
    refusal_message: str = ""
    shortened: tuple[Any, ...] = field(default=())

    def refuse(self, message: Text, code: str = "held_back_by_site") -> None:
        """Suspend the contact with this reason instead of sending it."""
        self.refusal_code, self.refusal_message = code, str(message)


PayloadHook = Callable[[list[OutgoingLead]], None]

_payload_hooks: list[PayloadHook] = []


def register_payload_hook(hook: PayloadHook) -> PayloadHook:
    """Let a function change payloads after mapping; usable as a decorator."""
    if hook not in _payload_hooks:
        _payload_hooks.append(hook)
    return hook


def unregister_payload_hook(hook: PayloadHook) -> None:
    """Take a hook out again, as tests do."""
    _payload_hooks.remove(hook)


def run_payload_hooks(leads: list[OutgoingLead]) -> None:
    """Run every hook over these leads, in the order of registration."""
    for hook in _payload_hooks:
        hook(leads)
