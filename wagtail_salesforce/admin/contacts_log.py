"""Keeps people's names out of Wagtail's audit log, which outlives them."""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.models import ContentType

from wagtail_salesforce.contacts.models import Contact


def label_by_number(entry: Any) -> None:
    """Wagtail labels a log entry with the title of its object; a contact's is its number."""
    if entry.content_type_id == ContentType.objects.get_for_model(Contact).pk:
        entry.label = f"#{entry.object_id}"
