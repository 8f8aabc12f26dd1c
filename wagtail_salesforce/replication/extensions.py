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
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from wagtail_salesforce.background import name_of, outline
from wagtail_salesforce.exceptions import (
    ExtensionFailed,
    RequestRefused,
    Stopped,
    Text,
    Transient,
)
from wagtail_salesforce.registering import check_function
from wagtail_salesforce.salesforce.culprit import problem_of
from wagtail_salesforce.salesforce.payload import as_read
from wagtail_salesforce.salesforce.redact import redact


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

    def copied(self) -> OutgoingLead:
        """The same for somebody who only looks: what is changed in it is not sent."""
        return replace(self, payload=dict(self.payload))


PayloadHook = Callable[[list[OutgoingLead]], None]
#: Gets the ids of contacts that may be sent, and answers those that are.
Chooser = Callable[[set[int]], Collection[int]]
RegisteredHook = TypeVar("RegisteredHook", bound=PayloadHook)
RegisteredChooser = TypeVar("RegisteredChooser", bound=Chooser)

_payload_hooks: list[PayloadHook] = []
_choosers: list[Chooser] = []

#: What a lead is addressed by is not for a hook to set; nor is the external id. In lower case, as
#: Salesforce ignores the case of field names.
ADDRESS = frozenset({"id", "attributes"})


def register_payload_hook(hook: RegisteredHook) -> RegisteredHook:
    """Let a function change payloads after mapping; usable as a decorator.

    Raises TypeError for anything but a plain function.
    """
    _add(hook, "A payload hook", _payload_hooks)
    return hook


def unregister_payload_hook(hook: PayloadHook) -> None:
    """Take a hook out again, as tests do."""
    _payload_hooks.remove(hook)


def register_chooser(chooser: RegisteredChooser) -> RegisteredChooser:
    """Let a function choose among the contacts that may be sent; usable as a decorator.

    It gets a set of contact ids and answers those to send. It is asked after settings, score and
    exclusion, also when an editor replicates one contact by hand, and cannot add anybody: for
    that, see `replication.due.require`. Who is not chosen is looked at again when the contact
    changes, and by `replication.due.look_again`. Raises TypeError for anything but a plain function.
    """
    _add(chooser, "A chooser", _choosers)
    return chooser


def unregister_chooser(chooser: Chooser) -> None:
    """Take a chooser out again, as tests do."""
    _choosers.remove(chooser)


def _add(function: Callable[..., Any], role: str, registry: list[Any]) -> None:
    check_function(function, role)
    if function not in registry:
        registry.append(function)


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
    address = ADDRESS | {external_id_field.lower()}
    for hook in _payload_hooks:
        # A list of its own: a lead that a hook takes out of it is not forgotten.
        _ask(hook, partial(hook, list(leads)))
        # What one hook has spoilt is not for the next to stumble over.
        leads = [lead for lead in leads if _is_fit(lead, hook, address)]


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


def _is_fit(lead: OutgoingLead, hook: PayloadHook, address: frozenset[str]) -> bool:
    """Keep what Salesforce will read of the payload, as it is now; or refuse the lead, and say
    which hook is to blame."""
    problem = _problem_of_form(lead.payload, address)
    if not problem:
        try:
            lead.payload = as_read(lead.payload)
            return True
        except RequestRefused as refused:
            problem = _problem_of_value(lead.payload) or refused.message
    words = _("%(name)s of this site made a payload that cannot be sent. %(problem)s")
    values = {"name": name_of(hook), "problem": redact(problem)}
    lead.refuse(words % values, "EXTENSION_FAILED")
    return False


def _problem_of_form(payload: Any, address: frozenset[str]) -> str:
    """What is wrong with a payload apart from values without a form in JSON; "" for nothing."""
    if not isinstance(payload, dict):
        return _("The payload of a lead must stay a dictionary.")
    folded = [name.lower() for name in payload if isinstance(name, str)]
    if not address.isdisjoint(folded):
        words = _("%(fields)s: which lead is written is not for a hook to set.")
        return words % {"fields": _spellings(payload, address)}
    if len(set(folded)) < len(folded):
        words = _("%(fields)s: Salesforce ignores the case, so that one field is there twice.")
        return words % {"fields": _spellings(payload, {n for n in folded if folded.count(n) > 1})}
    return _problem_of_numbers(payload)


def _spellings(payload: dict[str, Any], folded: Collection[str]) -> str:
    return ", ".join(name for name in payload if str(name).lower() in folded)


def _problem_of_numbers(payload: dict[str, Any]) -> str:
    """What is no number would be written as null, which clears the field."""
    for name, value in payload.items():
        if isinstance(value, float) and not math.isfinite(value):
            problem = _("The number is not a finite one, and cannot be sent.")
            return f"{name}: {problem}"
    return ""


def _problem_of_value(payload: dict[str, Any]) -> str:
    """Which field cannot be encoded, and why; "" where none by itself is to blame."""
    for name, value in payload.items():
        if problem := problem_of(name, value):
            return f"{name}: {problem}" if isinstance(name, str) else problem
    return ""
