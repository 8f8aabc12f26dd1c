"""What an editor writes down of contacts: that they did something."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone

from wagtail_salesforce.contacts import activity_types
from wagtail_salesforce.contacts.attempts import in_one_piece
from wagtail_salesforce.contacts.changes import note_change
from wagtail_salesforce.contacts.models import Activity, Contact


@dataclass(frozen=True)
class NewActivity:
    """An activity to add; rules give points for its type, its title and its value."""

    type: str
    occurred_at: datetime
    title: str = ""
    value: Decimal | None = None


def add_activity(contact_ids: Collection[int], new: NewActivity) -> int:
    """Add the same activity to many contacts, and tell once; how many contacts there still were.

    Four statements besides what scoring and the due marks take, however many contacts there are.
    """
    activity_types.ensure(new.type)
    return in_one_piece(lambda attempt: _add(contact_ids, new))


def _add(contact_ids: Collection[int], new: NewActivity) -> int:
    contacts = Contact.objects.select_for_update().filter(pk__in=contact_ids)
    ids = list(contacts.order_by("pk").values_list("pk", flat=True))
    Activity.objects.bulk_create([_activity(pk, new) for pk in ids])
    _came_by(ids, new.occurred_at)
    for pk in ids:
        fields = {"last_activity_at", "modified_at"}
        note_change(pk, fields=fields, activity_type=new.type, locked=True)
    return len(ids)


def _activity(contact_id: int, new: NewActivity) -> Activity:
    return Activity(
        contact_id=contact_id,
        type=new.type,
        title=new.title,
        value=new.value,
        occurred_at=new.occurred_at,
    )


def _came_by(contact_ids: list[int], moment: datetime) -> None:
    earlier = Q(last_activity_at=None) | Q(last_activity_at__lt=moment)
    contacts = Contact.objects.filter(earlier, pk__in=contact_ids)
    contacts.update(last_activity_at=moment, modified_at=timezone.now())
