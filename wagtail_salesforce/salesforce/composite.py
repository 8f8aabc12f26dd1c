"""Composite: up to five Collections in one API call.

REST guide, "Composite": up to 25 subrequests, of which 5 may be Collections or queries; the
whole counts as a single call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext

from wagtail_salesforce.exceptions import RequestRefused, Transient
from wagtail_salesforce.salesforce.collections import Chunk, read_answer
from wagtail_salesforce.salesforce.errors import fault_of, to_refusal
from wagtail_salesforce.salesforce.results import RowResult


MOST_CHUNKS = 5

Answer = list[RowResult] | RequestRefused


def build(chunks: Sequence[Chunk], api_version: str, headers: Mapping[str, str]) -> dict[str, Any]:
    """The request body. Each subrequest gets the headers: it inherits none of the outer ones.

    allOrNone stays false outside: true would roll back four good Collections for one bad row.
    """
    return {
        "allOrNone": False,
        "collateSubrequests": False,
        "compositeRequest": [
            {
                "method": "PATCH",
                "url": f"/services/data/v{api_version}/{chunk.path}",
                "referenceId": f"b{number}",
                "httpHeaders": dict(headers),
                "body": chunk.body(),
            }
            for number, chunk in enumerate(chunks)
        ],
    }


def read(answer: Any, chunks: Sequence[Chunk]) -> list[Answer]:
    """The results in the order of the chunks; a refused subrequest is a RequestRefused.

    Raises Transient when the answer does not speak of every chunk.
    """
    try:
        parts = {part["referenceId"]: part for part in answer["compositeResponse"]}
        return [_read_part(parts[f"b{n}"], chunk) for n, chunk in enumerate(chunks)]
    except (KeyError, TypeError):
        raise Transient(gettext("Salesforce's answer could not be read.")) from None


def _read_part(part: dict[str, Any], chunk: Chunk) -> Answer:
    if part["httpStatusCode"] < 300:
        return read_answer(part["body"], len(chunk.records))
    return to_refusal(fault_of(part["httpStatusCode"], part["body"]))
