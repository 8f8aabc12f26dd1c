"""Sends signals so that a receiver which fails stops nothing; the log names it."""

from __future__ import annotations

import logging
import threading
from typing import Any

from django.dispatch import Signal

from wagtail_salesforce.background import name_of, outline


logger = logging.getLogger("wagtail_salesforce")

_telling = threading.local()


def _is_to_be_logged(record: logging.LogRecord) -> bool:
    return not getattr(_telling, "now", False)


# Django logs the whole error of a receiver, whose text may hold values of a contact.
logging.getLogger("django.dispatch").addFilter(_is_to_be_logged)


def tell(signal: Signal, sender: type, **said: Any) -> None:
    """Send a signal. What it tells has happened, and no receiver can change that: not by failing,
    and leads are copies, as what travels later is made of them."""
    if not signal.has_listeners(sender):
        return
    if "leads" in said:
        said["leads"] = [lead.copied() for lead in said["leads"]]
    _telling.now = True
    try:
        answers = signal.send_robust(sender=sender, **said)
    finally:
        _telling.now = False
    for receiver, answer in answers:
        if isinstance(answer, Exception):
            logger.error("A receiver failed: %s, %s", name_of(receiver), outline(answer))
