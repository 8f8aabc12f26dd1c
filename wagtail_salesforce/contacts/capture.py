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
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.ledger import CALL, Key
from wagtail_salesforce.contacts.models import Attribute, Contact
from wagtail_salesforce.contacts.record import record
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
    **contact_fields: Any,
) -> Contact | None:
    """Record that somebody did something, and return the contact.

    The contact is recognised by e-mail (without regard to case) or made. `contact_fields` and
    `attributes` fill what is empty, with `overwrite` also what is not; empty values never
    overwrite. Values may have their Python or their JSON form (dates as ISO 8601, decimals as
    text or numbers); text that is too long is shortened, which the activity's comment says. An
    activity type that is new is added. `occurred_at` is now unless given.

    Raises TypeError for a field or attribute that does not exist and ValueError for a value of
    the wrong type, naming it and the cure; nothing else, also inside a transaction. When the
    database refuses (it is locked, say), the call is put on the ledger and done later; what is
    returned then is the contact as it is, or None when there is none yet.
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
    types = _attribute_types() if attributes else {}
    return None if types is None else _recorded(read_call(call, types))


def _attribute_types() -> dict[str, FieldType] | None:
    """The types of all attributes, or None when the database refuses even to say that."""
    try:
        rows = in_one_piece(lambda attempt: list(Attribute.objects.values_list("name", "type")))
    except DatabaseError as error:
        log_error("A call of capture() is lost, as the attributes could not be read", error)
        return None
    return {name: FieldType(kind) for name, kind in rows}


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
