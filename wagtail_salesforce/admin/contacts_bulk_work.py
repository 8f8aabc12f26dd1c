"""What can be done with many contacts at once, directly or as a job in the background."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wagtail_salesforce import jobs
from wagtail_salesforce.admin.contacts_access import CHANGE, ERASE
from wagtail_salesforce.admin.contacts_bulk_ids import unpack
from wagtail_salesforce.admin.permissions import REPLICATE_CONTACT
from wagtail_salesforce.contacts.by_hand import NewActivity, add_activity
from wagtail_salesforce.contacts.erase import erase
from wagtail_salesforce.jobs.models import Job
from wagtail_salesforce.replication import by_hand


Values = Mapping[str, Any]


class Done(NamedTuple):
    """How many contacts were changed, and how many could not be, as other records protect them."""

    changed: int
    protected: int = 0


@dataclass(frozen=True)
class BulkWork:
    """A thing to do with many contacts.

    `perform(ids, values)` does it in the caller's transaction; `values` are what the editor
    entered, as JSON. `name` is also the name in the audit
    log, and with "contacts_" before it that of the job.
    """

    name: str
    label: str | Promise
    permission: str
    perform: Callable[[Collection[int], Values], Done]

    @property
    def kind(self) -> str:
        return f"contacts_{self.name}"


def _add_activity(ids: Collection[int], values: Values) -> Done:
    moment = parse_datetime(values["occurred_at"])
    assert moment is not None
    value = values["value"]
    number = None if value is None else Decimal(value)
    return Done(add_activity(ids, NewActivity(values["type"], moment, values["title"], number)))


def _erase(ids: Collection[int], values: Values) -> Done:
    erased = erase(ids, delete_leads=values["delete_leads"])
    return Done(erased.contacts, erased.protected)


ADD_ACTIVITY = BulkWork("add_activity", _("Adding an activity"), CHANGE, _add_activity)
REQUIRE = BulkWork(
    "require",
    _("Marking as required"),
    REPLICATE_CONTACT,
    lambda ids, values: Done(by_hand.require(ids)),
)
REQUIRE_NOT = BulkWork(
    "require_not",
    _("Marking as not required"),
    REPLICATE_CONTACT,
    lambda ids, values: Done(by_hand.require(ids, required=False)),
)
EXCLUDE = BulkWork(
    "exclude",
    _("Excluding"),
    REPLICATE_CONTACT,
    lambda ids, values: Done(by_hand.exclude(ids)),
)
INCLUDE = BulkWork(
    "include",
    _("Including again"),
    REPLICATE_CONTACT,
    lambda ids, values: Done(by_hand.include(ids)),
)
ERASE_ALL = BulkWork("erase", _("Erasing"), ERASE, _erase)

WORKS = {
    work.kind: work for work in (ADD_ACTIVITY, REQUIRE, REQUIRE_NOT, EXCLUDE, INCLUDE, ERASE_ALL)
}


def register_jobs() -> None:
    """Make the jobs of the bulk actions known."""
    counts = {
        "changed": _("changed"),
        "as_before": _("were so already"),
        "protected": _("could not be erased, as other records of the website protect them"),
    }
    for work in WORKS.values():
        jobs.register(
            work.kind,
            step,
            label=work.label,
            permission=work.permission,
            counts=counts,
            cancelled=_forget_values,
        )


def step(job: Job, cursor: int | None) -> jobs.Step:
    """Do the next block of the chosen contacts; the cursor is its number."""
    blocks, number = job.parameters["ids"], cursor or 0
    ids = unpack(blocks[number])
    done = WORKS[job.kind].perform(ids, job.parameters["values"])
    counts = {"changed": done.changed, "as_before": len(ids) - sum(done)}
    finished = number + 1 >= len(blocks)
    if finished:
        _forget_values(job)
    if done.protected:
        counts["protected"] = done.protected
    return jobs.Step(number + 1, done=len(ids), counts=counts, finished=finished)


def _forget_values(job: Job) -> None:
    """The job is over: what the editor typed, such as a title, is not kept with it. One that
    failed keeps it, as it can be tried again, until jobs are forgotten."""
    parameters = {**job.parameters, "values": {}}
    Job.objects.filter(pk=job.pk).update(parameters=parameters)
