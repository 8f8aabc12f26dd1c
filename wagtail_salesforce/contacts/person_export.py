"""Everything that is known of one person, as one document.

from wagtail_salesforce.contacts.person_export import export_person

json.dumps(export_person(contact), ensure_ascii=False, indent=2)
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.translation import gettext as _

from wagtail_salesforce.contacts import activity_types
from wagtail_salesforce.contacts.fields import FIELDS, FieldType
from wagtail_salesforce.contacts.importing.addresses import refused_rows
from wagtail_salesforce.contacts.ledger import waiting_calls
from wagtail_salesforce.contacts.models import Activity, Attribute, Contact, LedgerEntry, Visitor
from wagtail_salesforce.contacts.values import to_json
from wagtail_salesforce.contacts.visitors_forget import waiting_visits
from wagtail_salesforce.signals import person_exporting


def export_person(contact: Contact) -> dict[str, Any]:
    """Everything the site knows of this person through us, as a dict of JSON values.

    Keys: exported_at, contact, attributes, companies, activities, visitors, submissions (with
    what the site's own tables hold of them, and calls of `capture()` that wait), waiting_visits,
    refused_import_rows, points and leads. Receivers of `person_exporting`
    may add to it. Values without a name of their own stand as {"name", "label", "value"}.
    """
    document: dict[str, Any] = {
        "exported_at": timezone.now().isoformat(),
        "contact": {"id": contact.pk, "fields": list(_fields(contact))},
        "attributes": list(_attributes(contact)),
        "companies": list(_companies(contact)),
        "activities": list(_activities(contact)),
        "visitors": list(_visitors(contact)),
        "submissions": list(_submissions(contact)),
        "waiting_visits": list(_waiting_visits(contact)),
        "refused_import_rows": list(_refused_import_rows(contact)),
    }
    person_exporting.send(sender=Contact, contact=contact, document=document)
    return document


def _fields(contact: Contact) -> Iterator[dict[str, Any]]:
    for name, field in FIELDS.items():
        value = to_json(getattr(contact, name), field.type)
        yield {"name": name, "label": str(field.label), "value": value}
    for name, label in (("owner", _("Owner")), ("user", _("Website user"))):
        account = getattr(contact, name)
        yield {"name": name, "label": label, "value": str(account) if account else None}


def _attributes(contact: Contact) -> Iterator[dict[str, Any]]:
    """All that the contact holds a value of, also those that are not defined any more."""
    labels = dict(Attribute.objects.values_list("name", "label"))
    for name, value in contact.attributes.items():
        yield {"name": name, "label": labels.get(name, name), "value": value}


def _companies(contact: Contact) -> Iterator[dict[str, Any]]:
    """Those it belongs to, and those whose primary or secondary contact it is."""
    roles = {each.company: each.role for each in contact.memberships.select_related("company")}
    for company in [*contact.primary_of.all(), *contact.secondary_of.all()]:
        roles.setdefault(company, "")
    for company, role in roles.items():
        yield {
            "name": company.name,
            "website": company.website,
            "role": role,
            "primary_contact": company.primary_contact_id == contact.pk,
            "secondary_contact": company.secondary_contact_id == contact.pk,
        }


def _activities(contact: Contact) -> Iterator[dict[str, Any]]:
    labels = activity_types.labels()
    for activity in Activity.objects.filter(contact=contact).order_by("occurred_at", "pk"):
        yield {
            "type": activity.type,
            "type_label": str(labels.get(activity.type, activity.type)),
            "title": activity.title,
            "value": to_json(activity.value, FieldType.DECIMAL),
            "page": activity.page_id,
            "address": activity.url,
            "campaign": activity.campaign,
            "comment": activity.comment,
            "occurred_at": activity.occurred_at.isoformat(),
        }


def _visitors(contact: Contact) -> Iterator[dict[str, Any]]:
    """The browsers known by a cookie; of the cookie only a hash is stored."""
    for visitor in Visitor.objects.filter(contact=contact).order_by("pk"):
        yield {"cookie_hash": visitor.key, "since": visitor.created_at.isoformat()}


def _submissions(contact: Contact) -> Iterator[dict[str, Any]]:
    """What the ledger says, and the submissions themselves where they still are."""
    entries = list(LedgerEntry.objects.filter(contact_id=contact.pk).order_by("pk"))
    if contact.email_key:
        entries += LedgerEntry.objects.filter(pk__in=waiting_calls({contact.email_key}))
    stored = {model: _stored(model, entries) for model in {e.submission_model for e in entries}}
    for entry in entries:
        yield {
            "source": entry.submission_model,
            "id": entry.submission_id,
            "page": entry.page_id,
            "state": entry.state,
            "state_label": str(entry.get_state_display()),
            "note": entry.reason,
            "recorded_at": entry.recorded_at.isoformat(),
            "data": stored[entry.submission_model].get(entry.submission_id, entry.payload),
        }


def _waiting_visits(contact: Contact) -> Iterator[dict[str, Any]]:
    """Page views that become activities within a minute or so."""
    for visit in waiting_visits([contact.pk]).order_by("pk"):
        yield {
            "cookie_hash": visit.key,
            "account": visit.user_pk,
            "page": visit.page_id,
            "address": visit.url,
            "campaign": visit.campaign,
            "occurred_at": visit.occurred_at.isoformat(),
        }


def _refused_import_rows(contact: Contact) -> Iterator[dict[str, Any]]:
    """Rows of imported files with the person's address, until the files are deleted."""
    for row in refused_rows(contact.email_key):
        yield {"import": row.contact_import_id, "line": row.line, "cells": row.cells}


def _stored(model: str, entries: Iterable[LedgerEntry]) -> dict[str, Any]:
    """The data of the submissions of one model, by id as text; one statement."""
    ids = [entry.submission_id for entry in entries if entry.submission_model == model]
    try:
        rows = apps.get_model(model)._base_manager.filter(pk__in=ids)
    except (LookupError, ValueError):
        return {}  # Of `capture()`, or the form's app is not installed any more.
    return {str(row.pk): _plain(row.get_data()) for row in rows}


def _plain(data: Any) -> Any:
    """As JSON has it; what JSON has no form for as text."""
    return json.loads(json.dumps(data, cls=_Encoder))


class _Encoder(DjangoJSONEncoder):
    def default(self, value: Any) -> Any:
        try:
            return super().default(value)
        except TypeError:
            return str(value)
