"""The only door to django-q2: queue work, keep schedules, and the wrapper that runs it."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings as django_settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from wagtail_salesforce.exceptions import ConnectorError, is_database_away


logger = logging.getLogger("wagtail_salesforce")

#: The name of the django-q2 cluster that serves us, where the site has configured one.
CLUSTER = "salesforce"

#: Long work ends by itself after so many seconds and queues its own continuation; it never
#: leans on django-q2's time-outs.
SLICE_SECONDS = 120

#: A schedule this long overdue means that no cluster is serving it. django-q2 looks every 30 s.
OVERDUE = timedelta(minutes=3)


def cluster() -> str | None:
    """Our own cluster when the site has one in ALT_CLUSTERS, else None for the default one."""
    alternatives = getattr(django_settings, "Q_CLUSTER", {}).get("ALT_CLUSTERS", {})
    return CLUSTER if CLUSTER in alternatives else None


def enqueue(task: Callable[..., Any] | str, *args: Any) -> None:
    """Run a module-level function in the background once this transaction is committed.

    Arguments travel as a signed pickle: pass ids and plain values only.
    """
    transaction.on_commit(partial(_push, _path(task), args))


def _push(path: str, args: tuple[Any, ...]) -> None:
    from django_q.tasks import async_task

    options = {"cluster": cluster(), "ack_failure": True, "task_name": path.rpartition(".")[2]}
    try:
        async_task(perform, path, *args, q_options=options)
    except Exception as error:  # noqa: BLE001 - every broker has errors of its own
        # What is to be done is committed, and a schedule finds it: nobody has to fail for this.
        logger.error("%s could not be queued, the broker is away: %s", path, outline(error))


def _path(task: Callable[..., Any] | str) -> str:
    return task if isinstance(task, str) else f"{task.__module__}.{task.__qualname__}"


def perform(path: str, *args: Any) -> dict[str, Any]:
    """Run a task for django-q2, which keeps its result and any error text in its tables.

    So nothing but counts and reason codes may leave here: neither values nor messages.
    """
    try:
        summary = import_string(path)(*args)
    except ConnectorError as error:
        return {"state": "stopped", "reason": error.code}
    except Exception as error:  # noqa: BLE001 - whatever it is, its text must not reach the table
        logger.error("%s failed: %s", path, outline(error))
        away = is_database_away(error)
        return {"state": "stopped", "reason": "database_unavailable" if away else "internal_error"}
    return summary if isinstance(summary, dict) else {"state": "finished"}


def outline(error: BaseException) -> str:
    """Where an error happened and of which class it is, without its message or any value."""
    frames = traceback.extract_tb(error.__traceback__)
    places = (f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-6:])
    return f"{type(error).__name__} at {' > '.join(places)}"


def name_of(function: Any) -> str:
    """A function's full name, as the log and refusals give it; of another callable its class's."""
    named = function if hasattr(function, "__qualname__") else type(function)
    module = getattr(named, "__module__", None)
    return f"{module}.{named.__qualname__}" if module else str(named.__qualname__)


def keep_schedule(name: str, task: Callable[..., Any] | str, *, minutes: int | None) -> None:
    """Make the schedule of this name run every so many minutes, or not at all with None.

    A schedule that is already right is left alone, its next run included. `update_or_create`
    rather than django-q2's `schedule()`, which fails for a name that exists.
    """
    from django_q.models import Schedule

    if minutes is None:
        Schedule.objects.filter(name=name).delete()
        return
    wanted = {
        "func": "wagtail_salesforce.background.perform",
        "args": repr((_path(task),)),
        "schedule_type": Schedule.MINUTES,
        "minutes": minutes,
        "repeats": -1,
        "cluster": cluster(),
    }
    ours = Schedule.objects.filter(name=name)
    if ours.count() != 1 or not ours.filter(**wanted).exists():
        ours.delete()
        Schedule.objects.create(name=name, next_run=timezone.now(), **wanted)


def next_run(name: str) -> Any:
    """When the schedule of this name runs next (aware datetime), or None without one."""
    from django_q.models import Schedule

    return Schedule.objects.filter(name=name).values_list("next_run", flat=True).first()


def cluster_is_serving(name: str) -> bool:
    """Whether a django-q2 cluster seems to serve our schedules: none is long overdue.

    django-q2's own statistics live in a cache that other processes may not see.
    """
    planned = next_run(name)
    return planned is None or planned > timezone.now() - OVERDUE


def table() -> str:
    """The name of django-q2's table of schedules."""
    from django_q.models import Schedule

    return str(Schedule._meta.db_table)
