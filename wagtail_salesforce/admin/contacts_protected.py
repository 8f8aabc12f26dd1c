"""What is said of contacts that cannot go, as models of the site's own protect them."""

from __future__ import annotations

from django.db.models import PROTECT, RESTRICT
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_salesforce.contacts.models import Contact


def protected_message(count: int) -> str:
    """How many contacts could not be erased, why, and what to do."""
    text = ngettext(
        "%(count)d contact could not be erased: other records of the website refer to it and "
        "protect it%(which)s. Delete those first, then erase it again.",
        "%(count)d contacts could not be erased: other records of the website refer to them and "
        "protect them%(which)s. Delete those first, then erase them again.",
        count,
    )
    return text % {"count": count, "which": _which()}


def merge_protected_message() -> str:
    """Why two contacts could not be merged."""
    text = _(
        "The contacts were not merged: other records of the website refer to the contact that "
        "would go, and protect it%(which)s. Keep that contact, or delete those records first."
    )
    return text % {"which": _which()}


def _which() -> str:
    """The kinds of records that protect contacts, in parentheses; "" when they do so indirectly."""
    kinds = [
        str(relation.related_model._meta.verbose_name_plural)
        for relation in Contact._meta.related_objects
        if relation.on_delete in (PROTECT, RESTRICT)
    ]
    return f" ({get_text_list(sorted(set(kinds)), _('and'))})" if kinds else ""
