"""Composite: up to five Collections in one API call.

REST guide, "Composite": up to 25 subrequests, of which 5 may be Collections or queries; the
whole counts as a single call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext

from wagtail_salesforce.exceptions import ConnectorError, RequestRefused, Transient
from wagtail_salesforce.results import RowResult
from wagtail_salesforce.salesforce.collections import Chunk, read_answer
from wagtail_salesforce.salesforce.errors import fault_of, to_error, to_refusal


MOST_CHUNKS = 5

Answer = list[RowResult] | RequestRefused
PlainAnswer = list[RowResult] | ConnectorError


def build(chunks: Sequence[Chunk], api_version: str, headers: Mapping[str, str]) -> dict[str, Any]:
    """The request body. Each subrequest gets the headers: it inherits none of the outer ones.

    allOrNone stays false outside: true would roll back four good Collections for one bad row.
    """
    return {
        "allOrNone": False,
        "collateSubrequests": False,
        "compositeRequest": [
            _part(number, chunk, api_version, headers) for number, chunk in enumerate(chunks)
        ],
    }


def _part(
    number: int, chunk: Chunk, api_version: str, headers: Mapping[str, str]
) -> dict[str, Any]:
    part = {
        "method": chunk.method,
        "url": f"/services/data/v{api_version}/{chunk.path}",
        "referenceId": f"b{number}",
        "httpHeaders": dict(headers),
    }
    body = chunk.body()
    return part if body is None else {**part, "body": body}


def may_hold_reference(body: bytes) -> bool:
    """Whether Salesforce could take a value for a reference to another subrequest.

    REST guide, "Composite Request Body": `@{referenceId.field}` is replaced wherever it stands,
    and a Collections call of its own is the only way to say such a text.
    """
    return b"@{" in body


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


def read_plainly(answer: Any, chunks: Sequence[Chunk]) -> list[PlainAnswer]:
    """The same, with the error that a call of its own would have raised in a part's place.

    `read` is for leads, whose refusals have words and remedies of their own.
    """
    try:
        parts = {part["referenceId"]: part for part in answer["compositeResponse"]}
        return [_read_plain_part(parts[f"b{n}"], chunk) for n, chunk in enumerate(chunks)]
    except (KeyError, TypeError):
        raise Transient(gettext("Salesforce's answer could not be read.")) from None


def _read_plain_part(part: dict[str, Any], chunk: Chunk) -> PlainAnswer:
    if part["httpStatusCode"] < 300:
        return read_answer(part["body"], len(chunk.records))
    return to_error(fault_of(part["httpStatusCode"], part["body"]))
