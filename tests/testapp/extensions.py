"""What a site's own code may register, and how a test takes all of it away again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from wagtail_salesforce.mapping import converters, sources
from wagtail_salesforce.replication import extensions, verdicts
from wagtail_salesforce.signals import after_batch, batch_failed, before_batch


@contextmanager
def as_it_was() -> Iterator[None]:
    """Whatever is registered within is gone afterwards, receivers of batches included."""
    lists = [extensions._payload_hooks, extensions._choosers, verdicts._judges]
    kept_lists = [list(each) for each in lists]
    tables = [sources._registry, converters._registry]
    kept_tables = [dict(each) for each in tables]
    signals = [before_batch, after_batch, batch_failed]
    kept_receivers = [list(signal.receivers) for signal in signals]
    try:
        yield
    finally:
        for each, kept in zip(lists, kept_lists, strict=True):
            each[:] = kept
        for table, kept in zip(tables, kept_tables, strict=True):
            table.clear()
            table.update(kept)
        for signal, receivers in zip(signals, kept_receivers, strict=True):
            signal.receivers[:] = receivers
            signal.sender_receivers_cache.clear()


def fails(*given: object, **named: object) -> None:
    """An extension with a fault: what its error says must not leave the site."""
    raise KeyError("ada@example.org")
