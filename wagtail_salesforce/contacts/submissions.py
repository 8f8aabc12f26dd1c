"""One form submission: read through its form connection, recorded, put on the ledger."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from wagtail_salesforce.contacts import ledger
from wagtail_salesforce.contacts.connections import connection_for
from wagtail_salesforce.contacts.facts import Facts
from wagtail_salesforce.contacts.form_reader import FormReader
from wagtail_salesforce.contacts.ledger import Key, Outcome, State
from wagtail_salesforce.contacts.models import FormConnection
from wagtail_salesforce.contacts.record import record
from wagtail_salesforce.contacts.spam import Evidence, judge
from wagtail_salesforce.contacts.spam_conditions import Conditions
from wagtail_salesforce.contacts.spam_stamp import Stamp
from wagtail_salesforce.contacts.wording import in_site_language


# How often it is written down that a form carries stamps.
STAMP_NOTED_EVERY = timedelta(days=1)


def take(
    submission: Any,
    attempt: int = 0,
    number_fields: Collection[str] = (),
    evidence: Evidence | None = None,
) -> Outcome | None:
    """Capture a submission that is new to the ledger; inside a unit of work.

    None when its page has no form connection, or when it is on the ledger already (looked up
    only after an attempt that failed; the ledger's unique key undoes any double work).
    """
    key = Key.of(submission)
    if attempt and ledger.is_settled(key):
        return None
    connection = connection_for(submission.page_id)
    if connection is None:
        return None
    evidence = evidence or Evidence()
    _note_stamp(connection, evidence)
    outcome = outcome_of(submission, connection, number_fields, evidence)
    ledger.enter(key, outcome, evidence.payload())
    return outcome


def outcome_of(
    submission: Any,
    connection: FormConnection,
    number_fields: Collection[str],
    evidence: Evidence | None,
) -> Outcome:
    """Record a submission and say what became of it; the arguments are those of `read`."""
    outcome, facts = read(submission, connection, number_fields, evidence)
    return replace(outcome, contact_id=record(facts).pk) if facts else outcome


def read(
    submission: Any,
    connection: FormConnection,
    number_fields: Collection[str],
    evidence: Evidence | None,
) -> tuple[Outcome, Facts | None]:
    """What a submission holds, and what becomes of it once that is recorded.

    `number_fields` are the form fields that the form itself checked as numbers; needed for a
    submission read back from the database, where numbers are text. Without `evidence` it is
    taken whatever the conditions against spam say.
    """
    with in_site_language():
        if not connection.enabled:
            return Outcome(State.REFUSED, _("The form connection was switched off.")), None
        if not is_complete(submission):
            return Outcome(State.WAITING, _("The submission is not complete yet.")), None
        if evidence and (reason := _spam(submission, connection, evidence)):
            return Outcome(State.REFUSED, reason), None
        reader = FormReader(connection, submission.form_data, number_fields)
        try:
            email = reader.email()
        except ValueError as error:
            return Outcome(State.REFUSED, str(error)), None
        facts = reader.facts(email, submission.submit_time)
    return Outcome(State.CAPTURED, " ".join(facts.notes)), facts


def is_complete(submission: Any) -> bool:
    """False for a submission of several steps whose last step is still to come.

    Such submission classes say so by an `is_complete` attribute or method; others are complete.
    """
    said = getattr(submission, "is_complete", True)
    return bool(said() if callable(said) else said)


def _spam(submission: Any, connection: FormConnection, evidence: Evidence) -> str:
    data = submission.form_data
    return judge(
        Conditions.of(connection.conditions),
        data if isinstance(data, dict) else {},
        evidence,
        stamp_expected=connection.stamp_seen_at is not None,
        page_id=connection.page_id,
        submitted_at=submission.submit_time,
    )


def _note_stamp(connection: FormConnection, evidence: Evidence) -> None:
    """Write down that the form carries stamps: one statement more, at most once a day."""
    now, seen = timezone.now(), connection.stamp_seen_at
    if evidence.shown.stamp is not Stamp.GENUINE or (seen and now - seen < STAMP_NOTED_EVERY):
        return
    FormConnection.objects.filter(pk=connection.pk).update(stamp_seen_at=now)
    connection.stamp_seen_at = now
