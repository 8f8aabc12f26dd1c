"""The buttons of the web page."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from .errors import ApiError, RowErrors
from .fields import FieldSpec
from .lead_actions import act_on_lead
from .org import Org
from .values import wrong_kind_of
from .wire import Answer


Form = dict[str, str]


def act(org: Org, names: list[str], form: Form, referer: str) -> Answer:
    """POST /practice/actions/…: do it, then back to the page, which tells what was done."""
    try:
        org.pending["notice"] = ("notice", _do(org, names, form))
    except ApiError as refused:
        org.pending["notice"] = ("alert", refused.message)
    except RowErrors as refused:
        org.pending["notice"] = ("alert", refused.errors[0].message)
    query = urlsplit(referer).query
    return Answer(303, b"", {"Location": f"/?{query}" if query else "/"})


def _do(org: Org, names: list[str], form: Form) -> str:
    if names[:1] == ["leads"] and len(names) == 3:
        return _lead(org, names[1], names[2], form)
    action = _ACTIONS.get("/".join(names))
    if action is None:
        raise ApiError(404, "NOT_FOUND", "There is no such button.")
    return action(org, form)


def _lead(org: Org, lead_id: str, action: str, form: Form) -> str:
    values: dict[str, Any] = {}
    if action == "change":
        field = org.schema.objects["Lead"].find(form.get("field", ""))
        if field is None:
            raise ApiError(400, "INVALID_FIELD", "There is no such field.")
        values = {field.name: _typed(field, form.get("value", ""))}
    lead = act_on_lead(org, lead_id, action, values)
    done = {"convert": "converted", "change": "changed"}.get(action, f"{action}d")
    return f"{lead['Name']} was {done}."


def _typed(field: FieldSpec, text: str) -> Any:
    """The text of the form in the field's own kind."""
    text = text.strip()
    value: Any = text or None
    if field.type == "boolean":
        value = text.lower() in ("yes", "true", "1", "on")
    elif field.is_number and text:
        try:
            value = int(text) if field.type == "int" else float(text)
        except ValueError as error:
            raise ApiError(400, "WRONG_KIND", f"{field.title} wants a number.") from error
    if wrong_kind_of(field, value) is not None:
        raise ApiError(400, "WRONG_KIND", f"{field.title} cannot be {text!r}.")
    return value


def _allowance(org: Org, form: Form) -> str:
    org.set_allowance(_whole(form, "max"), _whole(form, "used"))
    return "The allowance is set."


def _whole(form: Form, name: str) -> int:
    text = form.get(name, "")
    if not text.isdigit() or len(text) > 12:
        raise ApiError(400, "WRONG_KIND", "That is not a whole number.")
    return int(text)


def _expire(org: Org, form: Form) -> str:
    org.tokens.expire_sessions()
    return "All access tokens are expired."


def _revoke(org: Org, form: Form) -> str:
    org.tokens.revoke_all()
    return "All approvals are revoked."


def _clock(org: Org, form: Form) -> str:
    try:
        hours = float(form.get("hours", ""))
    except ValueError as error:
        raise ApiError(400, "WRONG_KIND", "That is not a number of hours.") from error
    if not 0 <= hours <= 24 * 366 * 10:
        raise ApiError(400, "WRONG_KIND", "At most ten years forward, and never back.")
    org.clock.advance(hours * 3600)
    return "The clock is moved."


def _callbacks(org: Org, form: Form) -> str:
    lines = [line.strip() for line in form.get("callbacks", "").splitlines()]
    org.options.callbacks = list(dict.fromkeys(filter(None, lines)))
    return "The callback URLs are saved."


def _arm(org: Org, form: Form) -> str:
    count = _whole(form, "count")
    org.faults.arm({"kind": form.get("kind", ""), "count": count, "path": form.get("path", "")})
    return "The fault is armed."


def _disarm(org: Org, form: Form) -> str:
    org.faults.clear()
    return "No fault is armed any more."


def _rules(org: Org, form: Form) -> str:
    action = form.get("duplicates", "off")
    rule = None if action == "off" else {"match": ["Email"], "action": action}
    org.options.update({"duplicate_rule": rule, "rotation": "rotation" in form})
    return "The rules are saved."


_ACTIONS: dict[str, Callable[[Org, Form], str]] = {
    "allowance": _allowance,
    "tokens/expire": _expire,
    "tokens/revoke": _revoke,
    "clock": _clock,
    "callbacks": _callbacks,
    "faults": _arm,
    "faults/clear": _disarm,
    "rules": _rules,
}
