"""Forgetting browsers: when consent is taken back, when a contact goes, when cookies have ended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from wagtail_salesforce.contacts.models import Contact, VisitBuffer, Visitor
from wagtail_salesforce.contacts.visitors import LIFETIME


def forget_browser(key: str) -> None:
    """Delete what stands for a browser, and the visits that wait; two statements."""
    VisitBuffer.objects.filter(key=key).delete()
    Visitor.objects.filter(key=key).delete()


def forget_visits_of(contact_ids: Iterable[int]) -> None:
    """Delete the visits that wait for these contacts, so that a contact who is being erased does
    not come back. A few statements; before the contacts are deleted."""
    waiting_visits(contact_ids).delete()


def waiting_visits(contact_ids: Iterable[int]) -> QuerySet[VisitBuffer]:
    """The visits that wait for these contacts: of their browsers and of their accounts.

    A browser that nobody knows yet belongs to the account that has visited with it.
    """
    ids = list(contact_ids)
    accounts = Contact.objects.filter(pk__in=ids, user__isnull=False).order_by()
    users = [str(pk) for pk in accounts.values_list("user_id", flat=True)]
    theirs = Q(key__in=Visitor.objects.filter(contact_id__in=ids).values("key"))
    if users:
        by_account = VisitBuffer.objects.filter(user_pk__in=users)
        keys = set(by_account.values_list("key", flat=True))
        others = Visitor.objects.filter(key__in=keys).exclude(contact_id__in=ids)
        keys -= set(others.values_list("key", flat=True))
        theirs |= Q(user_pk__in=users) | Q(key__in=keys, user_pk="")
    return VisitBuffer.objects.filter(theirs)


def forget_ended(**kwargs: Any) -> dict[str, Any]:
    """The daily task: delete the browsers whose cookies have ended."""
    ended = timezone.now() - LIFETIME - timedelta(days=1)
    browsers, _each = Visitor.objects.filter(created_at__lt=ended).delete()
    return {"state": "finished", "browsers": browsers}
