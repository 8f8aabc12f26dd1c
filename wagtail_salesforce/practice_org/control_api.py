"""The control endpoints under /practice/control/: JSON in and out, for this machine only.

They stand for what happens outside the API: time that passes, administrators, people who work
with leads, and everything that goes wrong.
"""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timezone
from typing import Any

import orjson

from .errors import ApiError, RowErrors
from .lead_actions import act_on_lead, refusal
from .org import Org
from .schema_control import check_org_id, drop_field, put_field
from .seed import seed_organization
from .tables import Row
from .wire import Answer


Request = dict[str, Any]


def control(org: Org, method: str, names: list[str], raw: bytes) -> Answer:
    """Answer one control request."""
    request = _parse(raw)
    handler = _HANDLERS.get((method, "/".join(names)))
    if handler is not None:
        return Answer(200, handler(org, request))
    try:
        return Answer(200, _addressed(org, method, names, request))
    except RowErrors as refused:
        error = refusal(refused)
        return Answer(error.status, error.body())


def _parse(raw: bytes) -> Request:
    try:
        request = orjson.loads(raw) if raw else {}
    except orjson.JSONDecodeError as error:
        raise ApiError(400, "JSON_PARSER_ERROR", str(error)) from error
    if not isinstance(request, dict):
        raise ApiError(400, "JSON_PARSER_ERROR", "The body must be a JSON object")
    return request


def _addressed(org: Org, method: str, names: list[str], request: Request) -> Any:
    """The endpoints with a name in their path."""
    match method, names:
        case "POST", ["leads", lead_id, action]:
            return act_on_lead(org, lead_id, action, request)
        case "POST", ["schema", name, "fields"]:
            return asdict(put_field(org, name, request))
        case "DELETE", ["schema", name, "fields", field]:
            drop_field(org, name, field)
            return {}
    raise ApiError(404, "NOT_FOUND", f"There is no control {method} /{'/'.join(names)}")


def _reset(org: Org, request: Request) -> Any:
    org.reset()
    return {}


def _clock(org: Org, request: Request) -> Any:
    if "set" in request:
        org.clock.set(_moment(request["set"]))
    if "advance" in request:
        org.clock.advance(float(request["advance"]))
    if "freeze" in request:
        org.clock.freeze(bool(request["freeze"]))
    return {"now": org.clock.now().isoformat(), "frozen": org.clock.frozen_at is not None}


def _moment(text: Any) -> float:
    try:
        moment = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError as error:
        raise ApiError(400, "WRONG_KIND", f"{text!r} is not an ISO 8601 moment") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()


def _arm(org: Org, request: Request) -> Any:
    return {"kind": org.faults.arm(request).kind, "armed": len(org.faults.armed)}


def _disarm(org: Org, request: Request) -> Any:
    org.faults.clear()
    return {}


def _faults(org: Org, request: Request) -> Any:
    return [asdict(fault) for fault in org.faults.armed]


def _expire(org: Org, request: Request) -> Any:
    org.tokens.expire_sessions()
    return {}


def _revoke(org: Org, request: Request) -> Any:
    org.tokens.revoke_all()
    return {}


def _allowance(org: Org, request: Request) -> Any:
    if request:
        org.set_allowance(request.get("max"), request.get("used"))
    now = org.clock.timestamp()
    return {"max": org.allowance.maximum, "used": org.allowance.used(now)}


def _calls(org: Org, request: Request) -> Any:
    return [call.dump() for call in org.calls.entries]


def _clear_calls(org: Org, request: Request) -> Any:
    org.calls.clear()
    org.store.clear_calls()
    return {}


def _leads(org: Org, request: Request) -> Any:
    return [complete(org, row) for row in org.tables.table("Lead").rows()]


def _count(org: Org, request: Request) -> Any:
    blobs = org.tables.table("Lead").blobs
    # Looked for in the JSON itself, where no text can hold these quotes unescaped.
    deleted = sum(b'"IsDeleted":true' in blob for blob in blobs.values())
    return {"leads": len(blobs) - deleted, "deleted": deleted}


def complete(org: Org, row: Row) -> Row:
    """A lead with every field, null where it has no value; encrypted text in the clear."""
    names = org.schema.objects["Lead"].fields
    return {name: row.get(name) for name in names} | row


def _options(org: Org, request: Request) -> Any:
    if "org_id" in request:
        request["org_id"] = check_org_id(request["org_id"])
    org.options.update(request)
    org.tokens.jwt = org.options.jwt_access_tokens
    seed_organization(org.tables, org.options, org.clock.now())
    if "shape" in request:
        org.reshape()
    return org.options.dump()


_HANDLERS: dict[tuple[str, str], Callable[[Org, Request], Any]] = {
    ("POST", "reset"): _reset,
    ("GET", "clock"): _clock,
    ("POST", "clock"): _clock,
    ("GET", "faults"): _faults,
    ("POST", "faults"): _arm,
    ("DELETE", "faults"): _disarm,
    ("POST", "tokens/expire"): _expire,
    ("POST", "tokens/revoke"): _revoke,
    ("GET", "allowance"): _allowance,
    ("POST", "allowance"): _allowance,
    ("GET", "calls"): _calls,
    ("DELETE", "calls"): _clear_calls,
    ("GET", "leads"): _leads,
    ("GET", "leads/count"): _count,
    ("GET", "options"): _options,
    ("POST", "options"): _options,
}
