"""Salesforce's answers -> our exceptions, and what a refused row means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import orjson
from django.utils import timezone
from django.utils.translation import gettext

from wagtail_salesforce.exceptions import (
    REASONS,
    Action,
    ConnectorError,
    RequestRefused,
    RowLocked,
    Stopped,
    Transient,
)
from wagtail_salesforce.salesforce.redact import redact


@dataclass(frozen=True, slots=True)
class Fault:
    """An answer that is not a success, as far as it could be read."""

    status: int
    code: str
    message: str
    fields: tuple[str, ...] = ()
    retry_after: float | None = None


def read_fault(status: int, headers: Mapping[str, str], body: bytes) -> Fault:
    """Read an error answer of any form.

    REST guide, "Status Codes and Error Responses": a JSON array of message, errorCode and
    perhaps fields. The edge answers HTML, and the identity service a bare word.
    """
    error = _first_error(body)
    code = error.get("errorCode") or error.get("error") or _bare_word(body) or f"HTTP_{status}"
    return Fault(
        status=status,
        code=str(code),
        message=str(error.get("message") or error.get("error_description") or ""),
        fields=tuple(map(str, error.get("fields") or ())),
        retry_after=_retry_after(headers.get("Retry-After", "")),
    )


def fault_of(status: int, errors: Any) -> Fault:
    """Read the `body` of a refused subrequest of a Composite."""
    return read_fault(status, {}, orjson.dumps(errors))


def _first_error(body: bytes) -> dict[str, Any]:
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    if isinstance(data, list):
        data = data[0] if data else {}
    return data if isinstance(data, dict) else {}


def _bare_word(body: bytes) -> str:
    """The identity service's errors, as in `Bad_OAuth_Token`: a word and no JSON."""
    word = body[:50].decode("ascii", "replace").strip()
    return word if word.replace("_", "").isalpha() else ""


def _retry_after(header: str) -> float | None:
    """Seconds to wait, given as a number or as a date (RFC 9110, 10.2.3)."""
    if header.strip().isdigit():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except (TypeError, ValueError):
        return None
    if timezone.is_naive(moment):
        return None
    return max(0.0, (moment - timezone.now()).total_seconds())


def is_session_refused(fault: Fault) -> bool:
    """Whether the access token is no longer accepted (a fresh one may be)."""
    return fault.status == 401 or fault.code in {"Bad_OAuth_Token", "Missing_OAuth_Token"}


#: errorCode -> reason code, for answers that no repeating will change.
STOPPING = {
    "API_DISABLED_FOR_ORG": "api_disabled",
    "STORAGE_LIMIT_EXCEEDED": "storage_limit",
    "INSUFFICIENT_ACCESS": "access_denied",
}

#: errorCodes of passing trouble. REST guide, "Error codes"; SOAP guide, "ExceptionCode".
PASSING = frozenset(
    {
        "SERVER_UNAVAILABLE",
        "UNKNOWN_EXCEPTION",
        "API_CURRENTLY_DISABLED",
        "QUERY_TIMEOUT",
        "REQUEST_RUNNING_TOO_LONG",
        "UNABLE_TO_LOCK_ROW",
    }
)

#: 408 and 429 are not documented by Salesforce but sent by gateways; 420: no route to the host.
PASSING_STATUS = frozenset({408, 420, 429})


def to_error(fault: Fault) -> ConnectorError:
    """The exception for an error answer: Stopped, Transient or RequestRefused."""
    if fault.code == "REQUEST_LIMIT_EXCEEDED":
        return _limit(fault)
    if fault.code in STOPPING:
        return Stopped(code=STOPPING[fault.code])
    if fault.code == "UNABLE_TO_LOCK_ROW":
        return RowLocked(_passing(fault))
    if fault.status >= 500 or fault.status in PASSING_STATUS or fault.code in PASSING:
        return Transient(_passing(fault), retry_after=fault.retry_after)
    return RequestRefused(
        redact(fault.message) or _unexplained(fault),
        code=fault.code,
        status=fault.status,
        fields=fault.fields,
    )


def to_refusal(fault: Fault) -> RequestRefused:
    """The same for a part of a call: always a RequestRefused, to stand in the part's place."""
    error = to_error(fault)
    if isinstance(error, RequestRefused):
        stop = not_the_data(error)
        if stop is None:
            return error
        error = stop
    return RequestRefused(error.message, code=fault.code, status=fault.status, stands_for=error)


def not_the_data(refused: RequestRefused) -> Stopped | None:
    """What to stop for when no record can be to blame for a refused write; else None.

    Only a 400 (or 413, too large) can come from what was sent. A missing object, field, API
    version or right stays missing, however the records are divided.
    """
    if refused.code == "NOT_FOUND" and "external id" in refused.message.lower():
        return Stopped(code="no_external_id")
    if refused.code == "INVALID_TYPE":
        return Stopped(code="leads_hidden")
    if refused.status not in (400, 413):
        words = f"{REASONS['request_refused'].text} {refused.message}"
        return Stopped(words, code="request_refused")
    return None


def _limit(fault: Fault) -> ConnectorError:
    """`TotalRequests Limit exceeded.` is the daily allowance; `ConcurrentRequests …` passes."""
    if "concurrent" in fault.message.lower():
        words = gettext("Salesforce is busy with too many long requests of this organization.")
        return Transient(words, retry_after=fault.retry_after, untouched=True)
    return Stopped(code="request_limit")


def _passing(fault: Fault) -> str:
    return gettext("Salesforce could not answer just now (%(status)s, %(code)s).") % {
        "status": fault.status,
        "code": fault.code,
    }


def _unexplained(fault: Fault) -> str:
    return gettext("Salesforce refused the request (%(status)s, %(code)s).") % {
        "status": fault.status,
        "code": fault.code,
    }


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """What to do about a refused row. `reason` names why, for EXCLUDE and STOP."""

    action: Action
    reason: str = ""


_SUSPEND = RowVerdict(Action.SUSPEND)
_RETRY = RowVerdict(Action.RETRY)

#: statusCode of a row -> verdict. REST guide, "Error codes"; all others suspend the row.
ROW_VERDICTS: dict[str, RowVerdict] = {
    **dict.fromkeys(PASSING, _RETRY),
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": _RETRY,
    "PROCESSING_HALTED": _RETRY,
    **{code: RowVerdict(Action.STOP, reason) for code, reason in STOPPING.items()},
    "REQUEST_LIMIT_EXCEEDED": RowVerdict(Action.STOP, "request_limit"),
    # A row's access error concerns that record or field, not the run.
    "INSUFFICIENT_ACCESS": _SUSPEND,
    "CANNOT_UPDATE_CONVERTED_LEAD": RowVerdict(Action.EXCLUDE, "converted"),
    "ENTITY_IS_DELETED": RowVerdict(Action.EXCLUDE, "deleted"),
    "DUPLICATES_DETECTED": RowVerdict(Action.SUSPEND, "duplicates"),
}


def classify_row(
    code: str, message: str = "", fields: Sequence[str] = (), *, by_id: bool = False
) -> RowVerdict:
    """What a refused row means.

    `by_id` says that the record was addressed by its Salesforce id: then a missing reference
    that names no field is the record itself, gone also from the recycle bin.
    """
    if by_id and code == "INVALID_CROSS_REFERENCE_KEY" and not fields:
        return ROW_VERDICTS["ENTITY_IS_DELETED"]
    return ROW_VERDICTS.get(code, _SUSPEND)
