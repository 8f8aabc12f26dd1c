"""How a site's own code takes part in replication.

    from wagtail_salesforce.replication.extensions import OutgoingLead, register_payload_hook

    @register_payload_hook
    def add_region(leads: list[OutgoingLead]) -> None:
        for lead in leads:
            lead.payload["Region__c"] = "EMEA"

Register in a module that is loaded at start-up, such as `apps.py`'s `ready()`. Three doors:

- `register_chooser`: which of the contacts that may be sent really are;
- `register_payload_hook`: change what is sent, or hold a contact back;
- `register_verdict` (of `replication.verdicts`): what a refusal of Salesforce means.

Choosers and payload hooks get one window (up to 1,000), so that they can look up what they need in
one query. One that raises stops the run with `extension_failed`: the log names it, and every
contact stays due. What a registration costs while there is none is one test per window.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import orjson
from django.utils.translation import gettext as _

from wagtail_salesforce.background import name_of, outline
from wagtail_salesforce.exceptions import ExtensionFailed, Stopped, Text, Transient


logger = logging.getLogger("wagtail_salesforce")

_failures = threading.local()


def last_failure() -> str:
    """The function of the site's code that failed last in this thread; "" when none has."""
    return getattr(_failures, "name", "")


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
#: Gets the ids of contacts that may be sent, and answers those that are.
Chooser = Callable[[set[int]], Collection[int]]
Registered = TypeVar("Registered", bound=Callable[..., Any])

_payload_hooks: list[PayloadHook] = []
_choosers: list[Chooser] = []

#: What a lead is addressed by is not for a hook to set; nor is the external id.
ADDRESS = frozenset({"Id", "attributes"})


def register_payload_hook(hook: PayloadHook) -> PayloadHook:
    """Let a function change payloads after mapping; usable as a decorator."""
    return _added(hook, _payload_hooks)


def unregister_payload_hook(hook: PayloadHook) -> None:
    """Take a hook out again, as tests do."""
    _payload_hooks.remove(hook)


def register_chooser(chooser: Chooser) -> Chooser:
    """Let a function choose among the contacts that may be sent; usable as a decorator.

    It gets a set of contact ids and answers those to send. It is asked after settings, score and
    exclusion, also when an editor replicates one contact by hand, and cannot add anybody: for
    that, see `replication.due.require`. Who is not chosen is looked at again when the contact
    changes, and by `replication.due.look_again`.
    """
    return _added(chooser, _choosers)


def unregister_chooser(chooser: Chooser) -> None:
    """Take a chooser out again, as tests do."""
    _choosers.remove(chooser)


def _added(function: Registered, registry: list[Any]) -> Registered:
    if function not in registry:
        registry.append(function)
    return function


def chosen(contact_ids: set[int]) -> set[int]:
    """Those of the contacts that every chooser chooses. Raises ExtensionFailed."""
    for chooser in _choosers:
        contact_ids = _ask(chooser, partial(_choice, chooser, contact_ids))
    return contact_ids


def rejected_by(contact_id: int) -> str:
    """The name of the chooser that does not choose this contact; "" when all choose it.

    Raises ExtensionFailed.
    """
    for chooser in _choosers:
        if not _ask(chooser, partial(_choice, chooser, {contact_id})):
            return name_of(chooser)
    return ""


def _choice(chooser: Chooser, contact_ids: set[int]) -> set[int]:
    answer = set(chooser(set(contact_ids)))
    if not all(isinstance(each, int) for each in answer):
        # Contacts, or ids as text, would otherwise mean nobody, without a word.
        raise TypeError("A chooser answers the ids of contacts, as whole numbers.")
    return contact_ids & answer


def run_payload_hooks(leads: list[OutgoingLead], external_id_field: str) -> None:
    """Run every hook over these leads, in the order of registration. Raises ExtensionFailed."""
    address = {external_id_field, *ADDRESS}
    for hook in _payload_hooks:
        # A list of its own: a lead that a hook takes out of it is not forgotten.
        _ask(hook, partial(hook, list(leads)))
        for lead in leads:
            _check(lead, hook, address)


Answer = TypeVar("Answer")


def _ask(function: Callable[..., Any], ask: Callable[[], Answer]) -> Answer:
    """Call a site's function. What Salesforce says to calls of its own counts as said to us."""
    try:
        return ask()
    except (Stopped, Transient):
        raise
    except Exception as error:  # noqa: BLE001 (whatever it raises, the run ends by its name)
        _failures.name = name_of(function)
        logger.error("%s failed: %s", name_of(function), outline(error))
        words = _("%(name)s of this site failed with %(error)s.")
        values = {"name": name_of(function), "error": type(error).__name__}
        raise ExtensionFailed(words % values) from None


def _check(lead: OutgoingLead, hook: PayloadHook, address: set[str]) -> None:
    """Refuse a lead whose payload cannot be sent any more, and say which hook is to blame."""
    wrong = sorted(address & lead.payload.keys())
    if not wrong and all(map(_has_json_form, lead.payload.values())):
        return
    wrong = wrong or [str(key) for key, value in lead.payload.items() if not _has_json_form(value)]
    words = _("%(name)s of this site gave %(fields)s a value that cannot be sent.")
    values = {"name": name_of(hook), "fields": ", ".join(wrong) or "?"}
    lead.refuse(words % values, "EXTENSION_FAILED")


def _has_json_form(value: Any) -> bool:
    if isinstance(value, float):
        # What is no number would be written as null, which clears the field.
        return math.isfinite(value)
    try:
        orjson.dumps(value)
    except TypeError:
        return False
    return True
