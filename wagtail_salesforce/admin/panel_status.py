"""What the panel's status strip shows, read from the database without an API call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils import timezone

from wagtail_salesforce import background
from wagtail_salesforce.admin.contacts_access import contacts_url, may_see_contacts
from wagtail_salesforce.admin.held_back import what_it_takes
from wagtail_salesforce.admin.panel_next_run import NextRun, next_run
from wagtail_salesforce.admin.panel_run_words import (
    FRUITLESS,
    RunView,
    is_fruitless,
    of_a_former_connection,
    run_under_way,
    run_view,
)
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.secrets import UnreadableSecret
from wagtail_salesforce.replication.allowance import usable
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings, Run
from wagtail_salesforce.replication.schedule import JOBS, RECONCILIATION, REPLICATION
from wagtail_salesforce.replication.status import link_counts


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

    @property
    def used_percent(self) -> int:
        """For the meter: between 0 and 100 whatever Salesforce says."""
        return max(0, min(100, round(100 * self.used / self.most)))

    @property
    def reached(self) -> bool:
        return self.used >= self.usable

    @property
    def is_old(self) -> bool:
        """Whether none of the calls it counts is within the last 24 hours any more."""
        return self.read_at is None or self.read_at < timezone.now() - timedelta(days=1)


@dataclass(frozen=True)
class StatusStrip:
    """Everything the strip shows, in the order of its cards.

    `asked` says that somebody has just pressed Replicate now and that the run has not begun.
    """

    connection: Connection
    connected: bool
    usage: ApiUsage | None
    last_run: RunView | None
    before: RunView | None
    links: dict[str, int]
    due: int
    due_again: int
    in_bulk: int
    held_back: int
    settings: ReplicationSettings
    next_run: NextRun
    cluster_serves: bool
    cluster_command: str
    asked: bool
    contacts_url: str = ""

    @property
    def suspended(self) -> int:
        return self.links[LeadLink.State.SUSPENDED]

    @property
    def excluded(self) -> int:
        return self.links[LeadLink.State.EXCLUDED]

    @property
    def replicated(self) -> int:
        return self.links[LeadLink.State.REPLICATED]

    @property
    def all_new_held_back(self) -> bool:
        """Whether the list of contacts without a lead shows nobody but those held back."""
        return self.links[LeadLink.State.NEW] == self.held_back

    @property
    def why_held_back(self) -> str:
        return what_it_takes(self.settings)

    @property
    def active(self) -> bool:
        """Whether the outcome of a run is awaited, so that the page asks again."""
        return self.asked or bool(self.last_run and self.last_run.under_way)


def status_strip(
    connection: Connection, settings: ReplicationSettings, request: HttpRequest, stopped: bool
) -> StatusStrip:
    """Read what the strip shows; `stopped` says that a named problem would stop a run."""
    newest = Run.objects.first()
    under_way = run_under_way()
    connected, due = is_connected(connection), _due()
    return StatusStrip(
        connection=connection,
        connected=connected,
        usage=api_usage(connection, settings.api_reserve_percent),
        last_run=_last_run(under_way or newest, connection if connected else None),
        before=_before(newest),
        links=link_counts(),
        due=due["due"],
        due_again=due["again"],
        in_bulk=due["in_bulk"],
        held_back=held_back(settings),
        settings=settings,
        next_run=next_run(settings, stopped, cluster_command()),
        cluster_serves=cluster_serves(),
        cluster_command=cluster_command(),
        asked=under_way is None and is_asked(request),
        contacts_url=contacts_url() if may_see_contacts(request.user) else "",
    )


def _last_run(run: Run | None, connection: Connection | None) -> RunView | None:
    """The last run in words; `connection` is the one in use, None without one."""
    if run is None:
        return None
    return of_a_former_connection(run_view(run), connection.authorized_at if connection else None)


def _due() -> dict[str, int]:
    """How many contacts are due, how many of these have a lead, and how many are in Bulk jobs."""
    due = LeadLink.objects.filter(due_at__lte=timezone.now(), contact__isnull=False)
    again = Count("pk", filter=Q(state=LeadLink.State.REPLICATED))
    in_bulk = Count("pk", filter=Q(job__isnull=False))
    return due.aggregate(due=Count("pk"), again=again, in_bulk=in_bulk)


def _before(newest: Run | None) -> RunView | None:
    """The last run that changed something or was stopped, where the newest one changed nothing."""
    if newest is None or not is_fruitless(newest):
        return None
    busy = Run.objects.exclude(FRUITLESS).first()
    return run_view(busy) if busy else None


def held_back(settings: ReplicationSettings) -> int:
    """How many contacts without a lead were not chosen: for want of points or of consent."""
    if not (settings.by_score or settings.consent_attribute):
        return 0
    waiting = LeadLink.objects.filter(state=LeadLink.State.NEW, due_at=None)
    return waiting.filter(contact__isnull=False).count()


#: Where the session keeps that somebody has pressed Replicate now, and how long that counts.
ASKED = "wagtail_salesforce_replicate_now"
PATIENCE = timedelta(minutes=5)


def note_asked(request: HttpRequest) -> None:
    """Remember that this person has just asked for a run."""
    newest = Run.objects.order_by("-pk").values_list("pk", flat=True).first()
    request.session[ASKED] = {"after": newest or 0, "at": timezone.now().timestamp()}


def is_asked(request: HttpRequest) -> bool:
    """Whether the run that this person asked for has not begun yet."""
    asked = request.session.get(ASKED)
    if not asked or timezone.now().timestamp() - asked["at"] > PATIENCE.total_seconds():
        return False
    return not Run.objects.filter(pk__gt=asked["after"]).exists()


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


#: The schedule of jobs is there also while replication has none, and comes round every minute.
SCHEDULES = (REPLICATION, RECONCILIATION, JOBS)


def cluster_serves() -> bool:
    """Whether a django-q2 cluster seems to be at work: none of our schedules is long overdue."""
    return all(background.cluster_is_serving(name) for name in SCHEDULES)


def cluster_command() -> str:
    """The command that starts the cluster that serves us."""
    name = background.cluster()
    return f"{f'Q_CLUSTER_NAME={name} ' if name else ''}python manage.py qcluster"
