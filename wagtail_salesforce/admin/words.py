"""Errors as an editor reads them: what is the matter, and what to do next."""

from __future__ import annotations

from wagtail_salesforce.exceptions import ConnectorError


def in_words(error: ConnectorError) -> str:
    """The sentence of an error, followed by its cure unless the sentence holds it already."""
    cure = error.cure
    return error.message if not cure or cure in error.message else f"{error.message} {cure}"
