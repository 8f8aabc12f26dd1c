"""What is written down about a submission is for the editors, not in the visitor's language."""

from __future__ import annotations

from contextlib import AbstractContextManager

from django.conf import settings
from django.utils import translation


def in_site_language() -> AbstractContextManager[None]:
    """Within it, sentences are translated into the language of the site (`LANGUAGE_CODE`)."""
    return translation.override(settings.LANGUAGE_CODE)
