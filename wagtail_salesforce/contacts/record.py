"""Records what somebody did: finds or makes the contact, fills it, adds the activity."""

from __future__ import annotations

from wagtail_salesforce.contacts.facts import Facts
from wagtail_salesforce.contacts.filling import fill
from wagtail_salesforce.contacts.models import Activity, Contact
from wagtail_salesforce.contacts.recognise import Recognised, keep_browser, recognise
from wagtail_salesforce.contacts.request_context import acting


def record(facts: Facts) -> Contact:
    """Record it and return the contact: three statements, inside the caller's unit of work.

    The contact is recognised by e-mail and locked, so that two submissions of one person do
    not undo each other; where the visitor of a request acts (`visitor_acts()`), by account and
    cookie as well, in at most two statements more. Raises IntegrityError when somebody else has
    just made the contact; `in_one_piece` repeats it then.
    """
    visitor = acting()
    facts = visitor.complete(facts) if visitor else facts
    found = recognise(facts.email, visitor)
    _save(found, _fill(found, facts))
    _add_activity(found.contact, facts)
    if visitor:
        keep_browser(found, visitor)
    return found.contact


def _fill(found: Recognised, facts: Facts) -> set[str]:
    """Write the facts into the contact; the names of the columns that are to be saved."""
    contact = found.contact
    changed = found.changed | fill(
        contact,
        facts.fields,
        facts.attributes,
        overwrite=facts.overwrite,
        consent=facts.consent,
    )
    if facts.campaign and not contact.campaign:
        contact.campaign = facts.campaign
        changed.add("campaign")
    if contact.last_activity_at is None or contact.last_activity_at < facts.occurred_at:
        contact.last_activity_at = facts.occurred_at
        changed.add("last_activity_at")
    return changed


def _save(found: Recognised, changed: set[str]) -> None:
    if found.contact.pk is None:
        found.contact.save(force_insert=True)
    elif changed:
        found.contact.save(update_fields=changed)


def _add_activity(contact: Contact, facts: Facts) -> None:
    Activity.objects.create(
        contact=contact,
        type=facts.activity_type,
        title=facts.title,
        value=facts.value,
        page_id=facts.page_id,
        url=facts.url,
        campaign=facts.fields.get("campaign") or facts.campaign,
        comment="\n".join(facts.notes),
        occurred_at=facts.occurred_at,
    )
