"""Whether contacts that have a lead are sent again after the mapping or the settings changed.

`ReplicationSettings.payload_key` says what the leads were written by when somebody last decided.
While it differs from what is written now, and leads exist, the question is open.
"""

from __future__ import annotations

from dataclasses import dataclass

from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.mapping.payload_key import payload_key
from wagtail_salesforce.replication.allowance import known_usage, usable
from wagtail_salesforce.replication.due import replicated
from wagtail_salesforce.replication.models import ReplicationSettings


@dataclass(frozen=True)
class Cost:
    """What sending again comes to at most: contacts whose payload is the same cost nothing.

    `left` is how many API calls the reserve leaves today, None while that is not known.
    """

    contacts: int
    calls: int
    batch_size: int
    left: int | None = None

    @property
    def is_too_much(self) -> bool:
        """Whether today's API calls may not be enough for all."""
        return self.left is not None and self.calls > self.left


def key_now(settings: ReplicationSettings) -> str:
    """The key of what is written into leads now; empty without a mapping."""
    if settings.mapping is None:
        return ""
    return payload_key(settings.mapping, settings.lead_description, settings.default_company_name)


def is_asked(settings: ReplicationSettings) -> bool:
    """Whether somebody has to decide: leads exist, and are written otherwise now.

    Not while leads are never updated: then nothing would be sent.
    """
    now = key_now(settings)
    changed = bool(now and settings.payload_key) and now != settings.payload_key
    return changed and settings.keep_leads_updated and replicated().exists()


def cost(settings: ReplicationSettings, connection: Connection) -> Cost:
    """How many contacts sending again marks, and how many API calls carry so many."""
    contacts, batch = replicated().count(), max(settings.batch_size, 1)
    usage = known_usage(connection)
    left = usable(usage.max, settings.api_reserve_percent) - usage.used if usage else None
    return Cost(contacts, -(-contacts // batch), batch, None if left is None else max(left, 0))


def decided(settings: ReplicationSettings) -> None:
    """Somebody has decided about what is written now. A run under way is not disturbed."""
    settings.payload_key = key_now(settings)
    rows = ReplicationSettings.objects.filter(pk=settings.pk)
    rows.update(payload_key=settings.payload_key)


def note_first(settings: ReplicationSettings) -> None:
    """A run begins: while there is no lead yet, all are written as the settings say now."""
    if key_now(settings) == settings.payload_key:
        return
    if not settings.payload_key or not replicated().exists():
        decided(settings)
