"""What the panel's status strip shows, read from the database without an API call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wagtail_salesforce import background
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.secrets import UnreadableSecret
from wagtail_salesforce.exceptions import REASONS, Reason
from wagtail_salesforce.replication.allowance import usable
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings, Run
from wagtail_salesforce.replication.schedule import RECONCILIATION, REPLICATION
from wagtail_salesforce.replication.status import due_counts, link_counts


@dataclass(frozen=True)
class ApiUsage:
    """The org's API calls of the last 24 hours, as the last answer told; `usable` is what the
    reserve leaves of `most`."""

    used: int
    most: int
    usable: int
    read_at: datetime | None

    @property
    def usable_percent(self) -> int:
        return round(100 * self.usable / self.most)

    @property
    def reserve_percent(self) -> int:
        return 100 - self.usable_percent


@dataclass(frozen=True)
class RunView:
    """A run with the words for its reason."""

    run: Run
    reason: Reason | None


@dataclass(frozen=True)
class StatusStrip:
    """Everything the strip shows, in the order of its cards."""

    connection: Connection
    connected: bool
    usage: ApiUsage | None
    last_run: RunView | None
    links: dict[str, int]
    due: int
    next_run: datetime | None
    cluster_serves: bool
    cluster_command: str

    @property
    def suspended(self) -> int:
        return self.links[LeadLink.State.SUSPENDED]

    @property
    def excluded(self) -> int:
        return self.links[LeadLink.State.EXCLUDED]

    @property
    def replicated(self) -> int:
        return self.links[LeadLink.State.REPLICATED]


def status_strip(connection: Connection, settings: ReplicationSettings) -> StatusStrip:
    """Read what the strip shows."""
    return StatusStrip(
        connection=connection,
        connected=is_connected(connection),
        usage=api_usage(connection, settings.api_reserve_percent),
        last_run=last_run(),
        links=link_counts(),
        due=due_counts()["due"],
        next_run=background.next_run(REPLICATION),
        cluster_serves=cluster_serves(),
        cluster_command=cluster_command(),
    )


def is_connected(connection: Connection) -> bool:
    """Whether the site holds tokens, and can read them."""
    readable = not isinstance(connection.access_token, UnreadableSecret)
    return connection.is_authorized and readable


def api_usage(connection: Connection, reserve_percent: int) -> ApiUsage | None:
    """The org's usage, or None while no answer has told it."""
    used, most = connection.api_calls_used, connection.api_calls_max
    if used is None or not most or not connection.is_authorized:
        return None
    return ApiUsage(used, most, usable(most, reserve_percent), connection.api_calls_at)


def last_run() -> RunView | None:
    """The newest run."""
    run = Run.objects.first()
    return RunView(run, REASONS.get(run.reason)) if run else None


def cluster_serves() -> bool:
    """Whether a django-q2 cluster seems to be at work: none of our schedules is long overdue."""
    return all(background.cluster_is_serving(name) for name in (REPLICATION, RECONCILIATION))


def cluster_command() -> str:
    """The command that starts the cluster that serves us."""
    name = background.cluster()
    return f"{f'Q_CLUSTER_NAME={name} ' if name else ''}python manage.py qcluster"
