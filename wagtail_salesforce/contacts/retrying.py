"""Tries again what waits on the ledger."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

from django.apps import apps
from django.db import transaction
from django.utils.translation import gettext as _

from wagtail_salesforce.contacts import activity_types, ledger
from wagtail_salesforce.contacts.attempts import in_one_piece, log_error
from wagtail_salesforce.contacts.collisions import is_caller_undone
from wagtail_salesforce.contacts.connections import connection_for, form_fields
from wagtail_salesforce.contacts.facts import Facts
from wagtail_salesforce.contacts.ledger import CALL, Key, Outcome, State
from wagtail_salesforce.contacts.models import LedgerEntry
from wagtail_salesforce.contacts.record import record
from wagtail_salesforce.contacts.spam import Evidence
from wagtail_salesforce.contacts.submissions import outcome_of
from wagtail_salesforce.contacts.wording import in_site_language


def set_aside(
    key: Key, error: Exception, payload: dict[str, Any] | None = None, *, again: bool = True
) -> Outcome:
    """Let a submission wait because of an error.

    Logs the error's type and the submission's id, nothing personal. Inside a transaction of
    the caller's and with `again` it is tried once more as soon as that is committed; else it
    waits for the daily reconciling.

    Raises the error only where it is a deadlock in which MySQL has undone all of the caller's
    transaction: whoever went on in that would lose their own work without a word.
    """
    if is_caller_undone(error):
        raise error
    log_error(f"{key.model} {key.id} could not be captured", error)
    written = _put_on_ledger(key, error, payload)
    if again and transaction.get_connection().in_atomic_block:
        transaction.on_commit(partial(_after_commit, key, error, payload, written), robust=True)
    return Outcome(State.WAITING)


def _put_on_ledger(key: Key, error: Exception, payload: dict[str, Any] | None) -> bool:
    try:
        with in_site_language():
            in_one_piece(lambda attempt: ledger.set_aside(key, error, payload))
    except Exception as second:  # noqa: BLE001 - the visitor must not see it
        log_error(f"{key.model} {key.id} could not be put on the ledger", second)
        return False
    return True


def _after_commit(
    key: Key, error: Exception, payload: dict[str, Any] | None, written: bool
) -> None:
    if written or _put_on_ledger(key, error, payload):
        retry(key)


def retry(key: Key) -> Outcome | None:
    """Try a waiting submission again; never raises. None when it does not wait any more."""
    try:
        with in_site_language():
            return in_one_piece(lambda attempt: _retry(key))
    except Exception as error:  # noqa: BLE001 - one bad submission must not stop the others
        return set_aside(key, error, again=False)


def _retry(key: Key) -> Outcome | None:
    entry = ledger.waiting_entry(key)
    if entry is None:
        return None
    outcome = _outcome_of_call(entry) if key.model == CALL else _outcome_of_submission(entry)
    ledger.settle(entry, outcome)
    return outcome


def _outcome_of_call(entry: LedgerEntry) -> Outcome:
    facts = Facts.of_payload(entry.payload or {})
    activity_types.ensure(facts.activity_type)
    return Outcome(State.CAPTURED, contact_id=record(facts).pk)


def _outcome_of_submission(entry: LedgerEntry) -> Outcome:
    submission = stored_submission(entry.submission_model, entry.submission_id)
    if submission is None:
        return Outcome(State.REFUSED, _("The submission was deleted before it was captured."))
    connection = connection_for(submission.page_id)
    if connection is None:
        return Outcome(State.REFUSED, _("The form is not connected any more."))
    evidence = Evidence.of_payload(entry.payload)
    return outcome_of(submission, connection, number_fields(submission.page_id), evidence)


def stored_submission(model: str, submission_id: str) -> Any:
    """A submission by its model ("app.model") and id, or None when either is gone."""
    try:
        submissions = apps.get_model(model)._base_manager
        return submissions.filter(pk=submission_id).first()
    except (LookupError, ValueError):
        return None


def number_fields(page_id: int) -> Collection[str]:
    """The names of the form fields that the form checks as numbers."""
    fields = form_fields(page_id) or []
    return {field.clean_name for field in fields if getattr(field, "field_type", "") == "number"}
