"""One form submission: read through its form connection, recorded, put on the ledger."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from wagtail_salesforce.contacts import ledger
from wagtail_salesforce.contacts.connections import connection_for
from wagtail_salesforce.contacts.form_reader import FormReader
from wagtail_salesforce.contacts.ledger import Key, Outcome, State
from wagtail_salesforce.contacts.models import FormConnection
from wagtail_salesforce.contacts.record import record
from wagtail_salesforce.contacts.wording import in_site_language


def take(submission: Any, attempt: int = 0, number_fields: Collection[str] = ()) -> Outcome | None:
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
    outcome = outcome_of(submission, connection, number_fields)
    ledger.enter(key, outcome)
    return outcome


def outcome_of(
    submission: Any, connection: FormConnection, number_fields: Collection[str]
) -> Outcome:
    """Record a submission and say what became of it.

    `number_fields` are the form fields that the form itself checked as numbers; needed for a
    submission read back from the database, where numbers are text.
    """
    with in_site_language():
        if not connection.enabled:
            return Outcome(State.REFUSED, _("The form connection was switched off."))
        if not is_complete(submission):
            return Outcome(State.WAITING, _("The submission is not complete yet."))
        reader = FormReader(connection, submission.form_data, number_fields)
        try:
            email = reader.email()
        except ValueError as error:
            return Outcome(State.REFUSED, str(error))
        facts = reader.facts(email, submission.submit_time)
    return Outcome(State.CAPTURED, " ".join(facts.notes), record(facts).pk)


def is_complete(submission: Any) -> bool:
    """False for a submission of several steps whose last step is still to come.

    Such submission classes say so by an `is_complete` attribute or method; others are complete.
    """
    said = getattr(submission, "is_complete", True)
    return bool(said() if callable(said) else said)
