"""Words for people: in the language of the site, and for values."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _


def in_site_language() -> AbstractContextManager[None]:
    """Within it, sentences are translated into the language of the site (`LANGUAGE_CODE`).

    What is written down about a submission is for the editors, not in the visitor's language.
    """
    return translation.override(settings.LANGUAGE_CODE)


def in_words(value: Any) -> str:
    """A Python value for reading, in the language of the admin and the site's time zone."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    if isinstance(value, Decimal):
        return number_format(value.normalize() if value else value, force_grouping=True)
    if isinstance(value, (int, float)):
        return number_format(value, force_grouping=True)
    return str(value)
