"""Keeps secrets out of the site's log, whatever level it is at."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


_SILENT: ContextVar[bool] = ContextVar("wagtail_salesforce_unlogged", default=False)


def _may_be_logged(record: logging.LogRecord) -> bool:
    return not _SILENT.get()


# At DEBUG requests-oauthlib writes the consumer secret, the code and the tokens in full.
logging.getLogger("requests_oauthlib.oauth2_session").addFilter(_may_be_logged)


@contextmanager
def unlogged() -> Iterator[None]:
    """What requests-oauthlib does in here leaves nothing in the log; others' use of it does."""
    token = _SILENT.set(True)
    try:
        yield
    finally:
        _SILENT.reset(token)
