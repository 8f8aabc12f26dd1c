"""Records what somebody did: finds or makes the contact, fills it, adds the activity."""

from __future__ import annotations

from wagtail_salesforce.contacts.changes import note_change
from wagtail_salesforce.contacts.emails import email_key
from wagtail_salesforce.contacts.facts import Facts
from wagtail_salesforce.contacts.filling import fill
from wagtail_salesforce.contacts.models import Activity, Contact


def record(facts: Facts) -> Contact:
    """Record it and return the contact: three statements, inside the caller's unit of work.

    The contact is recognised by e-mail and locked, so that two submissions of one person do
    not undo each other. Raises IntegrityError when somebody else has just made the contact;
    `in_one_piece` repeats it then.
    """
    contact = _known_contact(facts.email) or Contact(email=facts.email)
    changed = fill(contact, facts.fields, facts.attributes, overwrite=facts.overwrite)
    if contact.last_activity_at is None or contact.last_activity_at < facts.occurred_at:
        contact.last_activity_at = facts.occurred_at
        changed.add("last_activity_at")
    if contact.pk is None:
        contact.save(force_insert=True)
    elif changed:
        contact.save(update_fields=changed)
    _add_activity(contact, facts)
    return contact


def _known_contact(email: str) -> Contact | None:
    contacts = Contact.objects.select_for_update().filter(email_key=email_key(email))
    contact = contacts.first()
    if contact:
        note_change(contact.pk, locked=True)
    return contact


def _add_activity(contact: Contact, facts: Facts) -> None:
    Activity.objects.create(
        contact=contact,
        type=facts.activity_type,
        title=facts.title,
        value=facts.value,
        page_id=facts.page_id,
        url=facts.url,
        campaign=facts.fields.get("campaign") or "",
        comment="\n".join(facts.notes),
        occurred_at=facts.occurred_at,
    )
