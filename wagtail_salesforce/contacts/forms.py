"""Form submissions become contacts through form connections: the doors."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction

from wagtail_salesforce.contacts.attempts import in_one_piece
from wagtail_salesforce.contacts.collisions import deadlock_undoes_caller
from wagtail_salesforce.contacts.ledger import Key
from wagtail_salesforce.contacts.reconcile import reconcile
from wagtail_salesforce.contacts.request_context import current, visitor_acts
from wagtail_salesforce.contacts.retrying import set_aside
from wagtail_salesforce.contacts.spam import Evidence
from wagtail_salesforce.contacts.spam_stamp import shown, subject_of_page
from wagtail_salesforce.contacts.submissions import take


def capture_submission(submission: Any) -> None:
    """Capture one new submission; never raises into the visitor's request.

    Everything happens in one savepoint or transaction, in at most five statements for a contact
    that is known, scoring and due mark apart. What goes wrong is logged without personal data
    and waits on the ledger, with what the visitor's request says of the fill time.

    Inside a transaction of the caller's, MySQL would let a deadlock take the submission itself
    with it: there it is captured as soon as that transaction is committed.
    """
    if deadlock_undoes_caller():
        transaction.on_commit(partial(_capture, submission), robust=True)
    else:
        _capture(submission)


def _capture(submission: Any) -> None:
    evidence = Evidence()
    try:
        evidence = _evidence(submission.page_id)
        with visitor_acts():
            in_one_piece(partial(take, submission, evidence=evidence))
    except Exception as error:  # noqa: BLE001 - the visitor must not see it
        set_aside(Key.of(submission), error, evidence.payload())


def _evidence(page_id: int) -> Evidence:
    """What the request at hand says; nothing without the middleware, which keeps it."""
    context = current()
    request = context.request if context else None
    return Evidence(shown(request, subject_of_page(page_id)), request)


def reconcile_submissions() -> int:
    """Capture what could not be captured when it was submitted; the number captured now.

    At most 1,000 submissions a call; `reconcile.reconcile()` gives all counts and says whether
    there is more.
    """
    return reconcile().captured
