"""The door for developers: `capture()` records what somebody did, from any code.

For a plain Django form, in its view:

    from wagtail_salesforce.contacts.capture import capture

    capture(email=form.cleaned_data["email"], title="Newsletter", first_name="Ada")

What a form page of Wagtail receives is captured without it, through its form connection.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import DatabaseError

from wagtail_salesforce.contacts import activity_types
from wagtail_salesforce.contacts.attempts import in_one_piece, log_error
from wagtail_salesforce.contacts.call_reader import check_names, read_call
from wagtail_salesforce.contacts.emails import email_key
from wagtail_salesforce.contacts.facts import Facts
from wagtail_salesforce.contacts.known_values import KnownValues, load_known_values
from wagtail_salesforce.contacts.ledger import CALL, Key
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.contacts.record import record
from wagtail_salesforce.contacts.request_context import acting, visitor_acts
from wagtail_salesforce.contacts.retrying import set_aside


def capture(
    *,
    email: str,
    activity: str = activity_types.FORM_SUBMISSION,
    title: str = "",
    value: Decimal | float | str | None = None,
    attributes: Mapping[str, Any] | None = None,
    overwrite: bool = False,
    occurred_at: datetime | str | None = None,
    url: str = "",
    page_id: int | None = None,
    by_visitor: bool = True,
    **contact_fields: Any,
) -> Contact | None:
    """Record that somebody did something, and return the contact.

    The contact is recognised by e-mail (without regard to case) or made. `contact_fields` and
    `attributes` fill what is empty, with `overwrite` also what is not; empty values never
    overwrite. Values may have their Python or their JSON form (dates as ISO 8601, decimals as
    text or numbers); text that is too long is shortened, which the activity's comment says. A
    status or a choice that no editor has set up is left out, which the comment says too. An
    activity type that is new is added. `occurred_at` is now unless given.

    With the middleware, the visitor of the request at hand is recognised by account and cookie
    too, and `url`, `page_id` and campaign are those of the request where nothing is said. Pass
    `by_visitor=False` for what somebody else did, such as an order that your staff typed in.

    Raises TypeError for a field or attribute that does not exist and ValueError for a value of
    the wrong type, naming it and the cure; nothing else, also inside a transaction. When the
    database refuses (it is locked, say), the call is put on the ledger and done later; what is
    returned then is the contact as it is, or None when there is none yet. One exception: where
    MySQL or MariaDB undo your whole transaction because of a deadlock, you get its
    OperationalError, as all that you did in it is to be done again.
    """
    check_names(contact_fields, attributes or {})
    call = {
        "email": email,
        "activity": activity,
        "title": title,
        "value": value,
        "attributes": attributes or {},
        "overwrite": overwrite,
        "occurred_at": occurred_at,
        "url": url,
        "page_id": page_id,
        "fields": contact_fields,
    }
    known = readable_values(bool(attributes), "status" in contact_fields)
    return None if known is None else record_safely(read_call(call, known), by_visitor=by_visitor)


def record_safely(facts: Facts, *, by_visitor: bool = True) -> Contact | None:
    """Record it now or, when the database refuses, later: then the contact as it is, or None."""
    with visitor_acts(by_visitor):
        return _recorded(_completed(facts))


def _completed(facts: Facts) -> Facts:
    """With what the request knows, which a later attempt would not know any more."""
    visitor = acting()
    return visitor.complete(facts) if visitor else facts


def readable_values(attributes: bool, statuses: bool) -> KnownValues | None:
    """What the values are checked with, or None when the database refuses even to say that."""
    if not (attributes or statuses):
        return KnownValues()
    try:
        return in_one_piece(
            lambda attempt: load_known_values(attributes=attributes, statuses=statuses)
        )
    except DatabaseError as error:
        log_error("A call of capture() is lost, as the attributes could not be read", error)
        return None


def _recorded(facts: Facts) -> Contact | None:
    try:
        return in_one_piece(lambda attempt: _record(facts))
    except Exception as error:  # noqa: BLE001 - it must not break the caller's request
        set_aside(Key(CALL, uuid.uuid4().hex), error, facts.payload())
        return _contact_as_it_is(facts.email)


def _record(facts: Facts) -> Contact:
    activity_types.ensure(facts.activity_type)
    return record(facts)


def _contact_as_it_is(email: str) -> Contact | None:
    contacts = Contact.objects.filter(email_key=email_key(email))
    try:
        return in_one_piece(lambda attempt: contacts.first())
    except DatabaseError:
        return None
