"""Faults on request: what goes wrong on the way to Salesforce and inside it.

A fault is armed through the control endpoint and strikes calls whose path holds its text, a
number of times (or until cleared), perhaps only with a probability.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .errors import ApiError


# Answered in place of Salesforce, without the call being processed.
EDGE_KINDS = frozenset(
    {
        "unavailable_html",
        "bad_gateway",
        "no_route",
        "server_error",
        "server_unavailable",
        "concurrent_limit",
        "total_limit",
        "api_disabled",
        "malformed_400",
        "request_error",
        "login_rate_limit",
        "query_timeout",
    }
)
CONNECTION_KINDS = frozenset({"drop_before", "drop_after", "truncate"})
# The answer of Salesforce, altered on its way; the call itself was processed.
ALTERING_KINDS = frozenset({"half_json", "missing_fields"})
SESSION_KINDS = frozenset({"expire_session"})
ROW_KINDS = frozenset({"row_lock", "row_error", "storage_limit"})
# Strikes a Bulk job when it is looked at: the job fails, the rows it has not come to stay undone.
JOB_KINDS = frozenset({"job_failed"})
KINDS = (
    EDGE_KINDS
    | CONNECTION_KINDS
    | ALTERING_KINDS
    | SESSION_KINDS
    | ROW_KINDS
    | JOB_KINDS
    | frozenset({"delay"})
)


@dataclass
class Fault:
    """One armed fault."""

    kind: str
    count: int | None = None
    path: str = ""
    seconds: float = 0.0
    external_ids: list[str] = field(default_factory=list)
    probability: float = 1.0
    seed: int | None = None
    status: int = 400
    code: str = "UNKNOWN_EXCEPTION"
    message: str = "An unexpected error occurred."
    fields: list[str] = field(default_factory=list)
    skip: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            known = ", ".join(sorted(KINDS))
            raise ApiError(400, "UNKNOWN_FAULT", f"No fault {self.kind!r}; there are: {known}")
        self.chance = random.Random(self.seed)  # noqa: S311 (a dice for tests, no secret)
        self.wanted = {each.lower() for each in self.external_ids}

    def spent(self) -> bool:
        """Whether it struck often enough."""
        return self.count is not None and self.count <= 0

    def strike(self) -> bool:
        """Whether it strikes this time; counts down when it does."""
        if self.spent() or self.chance.random() >= self.probability:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.count is not None:
            self.count -= 1
        return True


@dataclass
class Faults:
    """All armed faults, in the order they were armed."""

    armed: list[Fault] = field(default_factory=list)

    def arm(self, request: dict[str, Any]) -> Fault:
        """Arm one fault; unknown settings are refused."""
        try:
            fault = Fault(**request)
        except TypeError as error:
            raise ApiError(400, "WRONG_FAULT", str(error)) from error
        self.armed.append(fault)
        return fault

    def clear(self) -> None:
        """Disarm everything."""
        self.armed.clear()

    def strike(self, kinds: Iterable[str], path: str) -> Fault | None:
        """The first fault of these kinds that strikes a call to this path now."""
        meant = (each for each in self.armed if each.kind in kinds and each.path in path)
        return self._first(meant)

    def strike_row(self, path: str, keys: Iterable[str], creating: bool) -> Fault | None:
        """The first fault that strikes a row known by these ids."""
        lowered = {key.lower() for key in keys}
        rows = (each for each in self.armed if each.kind in ROW_KINDS and each.path in path)
        return self._first(each for each in rows if _meant(each, lowered, creating))

    def _first(self, candidates: Iterable[Fault]) -> Fault | None:
        struck = next((fault for fault in candidates if fault.strike()), None)
        if struck is not None and struck.spent():
            self.armed = [fault for fault in self.armed if fault is not struck]
        return struck


def _meant(fault: Fault, keys: set[str], creating: bool) -> bool:
    # Assumption storage-limit-creates: a full storage refuses new records, not changes of those it has.
    if fault.kind == "storage_limit" and not creating:
        return False
    return not fault.wanted or not fault.wanted.isdisjoint(keys)


def edge_error(fault: Fault) -> ApiError:
    """The JSON refusal of a fault that is answered in place of Salesforce."""
    if fault.kind == "request_error":
        return ApiError(fault.status, fault.code, fault.message)
    status, code, message = _REFUSALS[fault.kind]
    return ApiError(status, code, message)


_REFUSALS = {
    "server_error": (
        500,
        "UNKNOWN_EXCEPTION",
        "An unexpected error occurred. Please include this ErrorId if you contact support: "
        "1234567890-12345 (-123456789)",
    ),
    "server_unavailable": (503, "SERVER_UNAVAILABLE", "Server too busy"),
    "concurrent_limit": (
        403,
        "REQUEST_LIMIT_EXCEEDED",
        "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
    ),
    "total_limit": (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    # Assumption api-disabled: the wording of 2015 to 2021 still stands.
    "api_disabled": (
        403,
        "API_DISABLED_FOR_ORG",
        "The REST API is not enabled for this Organization.",
    ),
    "malformed_400": (
        400,
        "JSON_PARSER_ERROR",
        "Unexpected character ('}' (code 125)): expected a valid value at [line:1, column:20]",
    ),
    # Assumption query-timeout: the text of a query that took too long.
    "query_timeout": (400, "QUERY_TIMEOUT", "Your query request was running for too long."),
}
HTML_PAGES = {
    "unavailable_html": (503, "Service Unavailable - Zero size object"),
    "bad_gateway": (502, "Bad Gateway"),
    "no_route": (420, "No routing information for this host"),
}
