"""Submissions that were refused: listed, and taken after all when an editor says so."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from wagtail_salesforce.contacts import ledger
from wagtail_salesforce.contacts.attempts import in_one_piece, log_error
from wagtail_salesforce.contacts.collisions import is_caller_undone
from wagtail_salesforce.contacts.connections import connection_for
from wagtail_salesforce.contacts.ledger import CALL, Outcome, State
from wagtail_salesforce.contacts.models import FormConnection, LedgerEntry
from wagtail_salesforce.contacts.retrying import number_fields, stored_submission
from wagtail_salesforce.contacts.submissions import outcome_of
from wagtail_salesforce.contacts.wording import in_site_language


@dataclass(frozen=True)
class TakenAfterAll:
    """How many were captured, are refused for another reason, and met an error."""

    captured: int = 0
    refused: int = 0
    failed: int = 0


def refused_entries(connection: FormConnection) -> QuerySet[LedgerEntry]:
    """The refused submissions of a form, the latest first."""
    found = LedgerEntry.objects.filter(page_id=connection.page_id, state=State.REFUSED)
    return found.exclude(submission_model=CALL).order_by("-recorded_at", "-pk")


def take_after_all(
    connection: FormConnection, entry_ids: Collection[int] | None = None, *, limit: int
) -> TakenAfterAll:
    """Capture refused submissions whatever the conditions against spam say; at most `limit`.

    All of the form when no `entry_ids` are given, those tried least often first. One without an
    e-mail address, say, stays refused: nobody could be recognised.
    """
    entries = refused_entries(connection)
    if entry_ids is not None:
        entries = entries.filter(pk__in=entry_ids)
    ids = list(entries.order_by("attempts", "pk").values_list("pk", flat=True)[:limit])
    numbers = number_fields(connection.page_id) if ids else ()
    ends = [_try(connection, pk, numbers) for pk in ids]
    return TakenAfterAll(
        captured=ends.count(State.CAPTURED),
        refused=ends.count(State.REFUSED),
        failed=ends.count(None),
    )


def _try(connection: FormConnection, pk: int, numbers: Collection[str]) -> str | None:
    """What became of one entry; "" when it is refused no longer, None for an error."""
    try:
        with in_site_language():
            return in_one_piece(lambda attempt: _take(connection, pk, numbers))
    except Exception as error:
        # It stays refused, and the others go on, unless they are undone with it.
        if is_caller_undone(error):
            raise
        log_error(f"The refused submission {pk} on the ledger could not be taken", error)
        return None


def _take(connection: FormConnection, pk: int, numbers: Collection[str]) -> str:
    entry = LedgerEntry.objects.select_for_update().filter(pk=pk).first()
    if entry is None or entry.state != State.REFUSED:
        return ""
    outcome = _outcome(connection, entry, numbers)
    ledger.settle(entry, outcome)
    return outcome.state


def _outcome(connection: FormConnection, entry: LedgerEntry, numbers: Collection[str]) -> Outcome:
    submission = stored_submission(entry.submission_model, entry.submission_id)
    if submission is None:
        return Outcome(State.REFUSED, _("The submission was deleted."))
    full = connection_for(connection.page_id)
    if full is None:
        return Outcome(State.REFUSED, _("The form is not connected any more."))
    return outcome_of(submission, full, numbers, evidence=None)
