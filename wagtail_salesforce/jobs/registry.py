"""The kinds of jobs and what each does in one step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise


if TYPE_CHECKING:
    from wagtail_salesforce.jobs.models import Job


@dataclass(frozen=True)
class Step:
    """What one step did: where the next goes on, how many things are done more, and of what kind.

    `counts` are added to the job's (such as {"created": 12}); `total` replaces the job's total
    when the step found it out; `finished` says that nothing is left. `wait` lets the job rest for
    so long (a minute more or less) before its next step.
    """

    cursor: Any = None
    done: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    total: int | None = None
    finished: bool = False
    wait: timedelta | None = None


Work = Callable[["Job", Any], Step]


@dataclass(frozen=True)
class Kind:
    """A kind of job. `work(job, cursor)` does one step, in a transaction together with the job's
    new cursor, so that a step is either done and remembered, or neither. It gets None as the
    first cursor and should take a second or two. `failed(job)` and `cancelled(job)` are told
    when it ends early. `permission` is what somebody else than who started it needs to see, stop
    or repeat it. `counts` are the words for the keys of the job's counts. `atomic` off lets a
    step that talks to another system run outside of the transaction: it may be done twice.
    """

    name: str
    work: Work
    label: str | Promise
    permission: str = ""
    counts: Mapping[str, str | Promise] = field(default_factory=dict)
    failed: Callable[[Job], None] | None = None
    cancelled: Callable[[Job], None] | None = None
    atomic: bool = True


_kinds: dict[str, Kind] = {}


def register(
    name: str,
    work: Work,
    *,
    label: str | Promise,
    permission: str = "",
    counts: Mapping[str, str | Promise] | None = None,
    failed: Callable[[Job], None] | None = None,
    cancelled: Callable[[Job], None] | None = None,
    atomic: bool = True,
) -> None:
    """Make a kind of job known; call it from an app's `ready()`."""
    _kinds[name] = Kind(name, work, label, permission, counts or {}, failed, cancelled, atomic)


def kind_of(name: str) -> Kind:
    """The kind of this name; LookupError when it is not registered."""
    try:
        return _kinds[name]
    except KeyError:
        raise LookupError(f"No kind of job is registered as {name!r}.") from None
