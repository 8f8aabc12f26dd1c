"""Composite: up to 25 subrequests in one call, five of them Collections or queries.

Source: REST guide, "Send Multiple Requests Using Composite", "Composite Request Body",
"Composite Subrequest", "allOrNone Parameters in Composite and Collections Requests".
"""

import re
from typing import Any

from .errors import ApiError, RowErrors
from .references import MissingReference, resolve
from .resources import PART_ROUTES
from .routing import dispatch
from .versions import check_version
from .wire import Answer, Body, Call, split_path, split_query, wrong_kind


MOST_PARTS = 25
MOST_LISTS = 5
REFERENCE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*", re.ASCII)
PART_URL = re.compile(r"/services/data/v\d+\.\d/.*")
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"})
FORBIDDEN_HEADERS = frozenset({"accept", "authorization", "content-type"})
HALTED = "The transaction was rolled back since another operation in the same transaction failed."
Part = dict[str, Any]
Result = dict[str, Any]


def composite(call: Call) -> Answer:
    """POST …/composite: run the parts in order; always answered with 200."""
    envelope = call.json_object()
    parts = _parts(call, envelope)
    all_or_none = _flag(call, envelope, "allOrNone", False)
    # Parts run in the order given, which both values of this switch permit.
    _flag(call, envelope, "collateSubrequests", True)
    too_many = _too_many(parts)
    if too_many is not None:
        # Assumption composite-limit-status: this, too, is answered with 200.
        return Answer(200, {"compositeResponse": [too_many]})
    mark = call.org.tables.mark()
    answers = _Run(call, all_or_none).run(parts)
    if all_or_none and any(not answer.sound for answer in answers):
        call.org.tables.roll_back(mark)
        answers = [answer if not answer.sound else answer.halted() for answer in answers]
    return Answer(200, {"compositeResponse": [answer.result for answer in answers]})


def _parts(call: Call, envelope: Part) -> list[Part]:
    parts = envelope.get("compositeRequest")
    if not isinstance(parts, list):
        raise wrong_kind(call.body, "list", parts, "compositeRequest")
    if not parts:
        # Assumption composite-empty: an empty Composite is refused like an empty Collections call.
        raise ApiError(400, "REQUIRED_FIELD_MISSING", "At least 1 subrequest is required")
    seen: set[str] = set()
    for position, part in enumerate(parts):
        if not isinstance(part, dict):
            raise wrong_kind(call.body, "object", part, "compositeRequest", position)
        _check_part(part, seen)
    return parts


def _check_part(part: Part, seen: set[str]) -> None:
    """What makes one part spoil the whole call."""
    # Assumption composite-refusals: codes and texts below; that these refuse the whole call is documented.
    reference = part.get("referenceId")
    if not isinstance(reference, str) or not REFERENCE_ID.fullmatch(reference):
        raise _invalid(f"Provided referenceId ('{reference}') contains an illegal character.")
    if reference in seen:
        raise _invalid(f"Provided referenceId ('{reference}') is used more than once.")
    seen.add(reference)
    if part.get("method") not in METHODS:
        raise _invalid(f"HTTP method '{part.get('method')}' is not supported.")
    if not isinstance(part.get("url"), str) or not PART_URL.fullmatch(part["url"]):
        raise _invalid(f"Invalid url '{part.get('url')}': it must start with /services/data/v")
    _check_headers(part.get("httpHeaders") or {})


def _check_headers(headers: Any) -> None:
    if not isinstance(headers, dict) or not all(isinstance(v, str) for v in headers.values()):
        raise _invalid("httpHeaders must be an object of texts.")
    for name in headers:
        if name.lower() in FORBIDDEN_HEADERS:
            raise _invalid(f"Header '{name}' is not allowed in a subrequest.")


def _invalid(text: str) -> ApiError:
    return ApiError(400, "INVALID_INPUT", text)


def _flag(call: Call, envelope: Part, name: str, default: bool) -> bool:
    value = envelope.get(name, default)
    if not isinstance(value, bool):
        raise wrong_kind(call.body, "boolean", value, name)
    return value


def _too_many(parts: list[Part]) -> Result | None:
    """The refusal of too many parts, in the shape a production org was seen to answer."""
    if len(parts) > MOST_PARTS:
        return _refusal("The request can’t contain more than 25 operations.")
    if sum(_is_list(part["url"]) for part in parts) > MOST_LISTS:
        # Assumption composite-five-lists: worded like the limit of all parts.
        return _refusal(
            "The request can’t contain more than 5 sObject Collections or query operations."
        )
    return None


def _refusal(text: str) -> Result:
    error = {"errorCode": "LIMIT_EXCEEDED", "message": text}
    return {"body": [error], "httpHeaders": {}, "httpStatusCode": 400, "referenceId": None}


def _is_list(url: str) -> bool:
    segments = [each.lower() for each in split_path(url.partition("?")[0])[3:5]]
    return segments[:1] in (["query"], ["queryall"]) or segments == ["composite", "sobjects"]


class _PartAnswer:
    """The answer of one part, and whether it counts as done."""

    def __init__(self, reference: str, answer: Answer, failed_rows: int) -> None:
        self.sound = answer.status < 300 and failed_rows == 0
        self.result: Result = {
            "body": answer.body,
            "httpHeaders": answer.headers,
            "httpStatusCode": answer.status,
            "referenceId": reference,
        }

    def halted(self) -> "_PartAnswer":
        """The same part after another one failed and all was undone."""
        error = {"errorCode": "PROCESSING_HALTED", "message": HALTED}
        return _PartAnswer(self.result["referenceId"], Answer(400, [error]), 0)


class _Run:
    """Runs the parts of one Composite."""

    def __init__(self, call: Call, all_or_none: bool) -> None:
        self.call, self.all_or_none = call, all_or_none
        self.bodies: dict[str, Any] = {}
        # Looking for references in every text takes its time; most calls have none.
        self.refers = b"@{" in call.body.raw

    def run(self, parts: list[Part]) -> list[_PartAnswer]:
        """All parts in order."""
        return [self._answer(position, part) for position, part in enumerate(parts)]

    def _answer(self, position: int, part: Part) -> _PartAnswer:
        reference = part["referenceId"]
        try:
            inner = self._call(position, part)
            answer = self._handle(inner)
        except MissingReference as error:
            # Assumption composite-missing-reference: the text of a reference to something that is not there.
            refused = {"errorCode": "PROCESSING_HALTED", "message": str(error)}
            return _PartAnswer(reference, Answer(400, [refused]), 0)
        self.call.rows += inner.rows
        self.bodies[reference] = answer.body
        return _PartAnswer(reference, answer, inner.failed_rows)

    def _call(self, position: int, part: Part) -> Call:
        url, body = part["url"], part.get("body")
        if self.refers:
            url, body = resolve(url, self.bodies), resolve(body, self.bodies)
        path, _, query = url.partition("?")
        # Assumption composite-outer-headers: headers of the outer call do not reach the parts.
        headers = {name.lower(): text for name, text in (part.get("httpHeaders") or {}).items()}
        return Call(
            org=self.call.org,
            method=part["method"],
            path=path,
            query=split_query(query),
            headers=headers,
            body=Body(self.call.body.raw, ("compositeRequest", position, "body"), body),
            session=self.call.session,
            inside_composite=True,
            inside_all_or_none=self.all_or_none,
        )

    def _handle(self, inner: Call) -> Answer:
        try:
            segments = split_path(inner.path)
            inner.version = check_version(segments[2])
            return dispatch(inner, segments[3:], PART_ROUTES)
        except (ApiError, RowErrors) as refused:
            return Answer(refused.status, refused.body())
