"""Takes over what was submitted to a form before it was connected: a job, batch by batch."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import DatabaseError, IntegrityError, OperationalError, models
from django.utils.translation import gettext_lazy as _

from wagtail_salesforce.contacts import activity_types, ledger
from wagtail_salesforce.contacts.attempts import in_one_piece, log_error
from wagtail_salesforce.contacts.connections import connection_with_known_values
from wagtail_salesforce.contacts.facts import Facts
from wagtail_salesforce.contacts.ledger import Key, Outcome, State, not_on_ledger
from wagtail_salesforce.contacts.models import FormConnection, LedgerEntry
from wagtail_salesforce.contacts.past_record import record_many
from wagtail_salesforce.contacts.reconcile import submission_models, take_stored
from wagtail_salesforce.contacts.retrying import number_fields
from wagtail_salesforce.contacts.spam import Evidence
from wagtail_salesforce.contacts.submissions import read
from wagtail_salesforce.contacts.wording import in_site_language
from wagtail_salesforce.jobs import Step, register, start
from wagtail_salesforce.jobs.models import Job


KIND = "past_submissions"
BATCH = 500
# Counting reads ids only, so more of them at once; beyond the limit the number is "more than".
COUNTED_AT_ONCE = 5000
COUNTED_AT_MOST = 50_000

Cursor = list[Any]


@dataclass(frozen=True)
class Past:
    """How many submissions there are to take over; `more`: nobody counted any further."""

    number: int = 0
    more: bool = False


@dataclass(frozen=True)
class Sheet:
    """One submission that was read: what becomes of it, and the facts to record if any."""

    key: Key
    outcome: Outcome
    facts: Facts | None


def register_job() -> None:
    """Make the kind of job known; called once by the app's `ready()`."""
    register(
        KIND,
        work,
        label=_("Taking over past submissions"),
        permission="wagtail_salesforce.change_formconnection",
    )


def subject_of(connection: FormConnection) -> str:
    """The subject of a connection's jobs."""
    return f"form_connection:{connection.pk}"


def start_import(connection: FormConnection, user: Any = None) -> Job:
    """Queue the taking over of everything that is not on the ledger."""
    found = past(connection)
    total = None if found.more else found.number
    parameters = {"connection": connection.pk}
    return start(KIND, parameters, subject=subject_of(connection), total=total, user=user)


def past(connection: FormConnection) -> Past:
    """How many submissions of the form are not on the ledger."""
    found = seen = 0
    for model in submission_models():
        for keys, _last in _pages(model, connection.page_id, None, COUNTED_AT_ONCE):
            found, seen = found + len(not_on_ledger(keys)), seen + len(keys)
            if seen >= COUNTED_AT_MOST:
                return Past(found, more=True)
    return Past(found)


def work(job: Job, cursor: Cursor | None) -> Step:
    """One step of the job: the next 500 submissions. The cursor is [model, last id]."""
    connection = connection_with_known_values(job.parameters["connection"])
    if connection is None or not connection.enabled:
        # Deleted or switched off meanwhile: what is left can be taken over some other time.
        return Step(cursor=cursor, finished=True)
    models_left = _from(cursor[0] if cursor else None)
    last = cursor[1] if cursor else None
    for model in models_left:
        keys, last = next(_pages(model, connection.page_id, last, BATCH))
        if keys or model is models_left[-1]:
            break
        last = None
    outcomes = take_batch(connection, model, keys)
    over = len(keys) < BATCH and model is models_left[-1]
    return Step([model._meta.label_lower, last], len(outcomes), _counts(outcomes), finished=over)


def _from(label: str | None) -> list[type[models.Model]]:
    """The models of submissions, from the one with this label on."""
    found = submission_models()
    labels = [model._meta.label_lower for model in found]
    return found[labels.index(label) :] if label in labels else found


def take_batch(
    connection: FormConnection, model: type[models.Model], keys: Sequence[Key]
) -> list[Outcome]:
    """Take over those of the submissions that are not on the ledger, in one unit of work.

    When the database refuses one of them, they are taken over one by one, so that a single bad
    submission waits on the ledger and no other.
    """
    numbers = number_fields(connection.page_id)
    activity_types.ensure(connection.activity_type)
    try:
        return in_one_piece(lambda attempt: _take_all(connection, model, keys, numbers))
    except OperationalError:
        raise
    except DatabaseError as error:
        log_error(f"A batch of past submissions of form {connection.page_id} is split", error)
        outcomes = [take_stored(key) for key in not_on_ledger(keys)]
        return [outcome for outcome in outcomes if outcome]


def _take_all(
    connection: FormConnection,
    model: type[models.Model],
    keys: Sequence[Key],
    numbers: Collection[str],
) -> list[Outcome]:
    new = not_on_ledger(keys)
    if not new:
        return []
    stored = model._base_manager.in_bulk([key.id for key in new])
    by_id = {str(pk): submission for pk, submission in stored.items()}
    sheets = [_read(key, by_id[key.id], connection, numbers) for key in new if key.id in by_id]
    recorded = iter(record_many([sheet.facts for sheet in sheets if sheet.facts]))
    outcomes = [
        replace(sheet.outcome, contact_id=next(recorded).pk) if sheet.facts else sheet.outcome
        for sheet in sheets
    ]
    entries = [
        ledger.new_entry(sheet.key, outcome)
        for sheet, outcome in zip(sheets, outcomes, strict=True)
    ]
    LedgerEntry.objects.bulk_create(entries)
    return outcomes


def _read(key: Key, submission: Any, connection: FormConnection, numbers: Collection[str]) -> Sheet:
    """Fill time is not known of the past, so that the other conditions alone are judged."""
    try:
        return Sheet(key, *read(submission, connection, numbers, Evidence()))
    except (IntegrityError, OperationalError):
        raise
    except Exception as error:  # noqa: BLE001 - one bad submission must not stop the others
        log_error(f"{key.model} {key.id} could not be read", error)
        with in_site_language():
            return Sheet(key, ledger.waiting_because(error), None)


def _pages(
    model: type[models.Model], page_id: int, last: Any, size: int
) -> Iterator[tuple[list[Key], str | None]]:
    """The keys of a form's submissions after the id `last`, page by page, each with its last id;
    at least one page."""
    submissions = model._base_manager.filter(page_id=page_id).order_by("pk")
    while True:
        rows = submissions if last is None else submissions.filter(pk__gt=last)
        ids = [str(pk) for pk in rows.values_list("pk", flat=True)[:size]]
        last = ids[-1] if ids else last
        yield [Key(model._meta.label_lower, pk, page_id) for pk in ids], last
        if len(ids) < size:
            return


def _counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    states = [outcome.state for outcome in outcomes]
    return {
        name: states.count(state)
        for name, state in (
            ("captured", State.CAPTURED),
            ("refused", State.REFUSED),
            ("waiting", State.WAITING),
        )
    }
