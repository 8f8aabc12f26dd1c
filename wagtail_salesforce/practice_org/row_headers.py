"""The request headers that change how rows are saved.

Source: REST guide, "Assignment Rule Header" and "Duplicate Rule Header".
"""

from dataclasses import dataclass

from .errors import ApiError
from .ids import looks_like_id
from .wire import Call


@dataclass(frozen=True)
class RowHeaders:
    """What the headers of one call (or Composite part) ask for."""

    new_owner: str | None
    allow_save: bool
    include_details: bool


def read_row_headers(call: Call) -> RowHeaders:
    """Read both headers; only Lead knows assignment rules here."""
    choices = _choices(call.header("Sforce-Duplicate-Rule-Header") or "")
    return RowHeaders(
        new_owner=_new_owner(call),
        allow_save=choices.get("allowsave") == "true",
        include_details=choices.get("includerecorddetails") == "true",
    )


def _choices(header: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in header.replace(",", ";").split(";"))
    return {name.strip().lower(): value.strip().lower() for name, _, value in pairs}


def _new_owner(call: Call) -> str | None:
    """Who gets the leads, by the assignment rule that runs; absent header means TRUE."""
    rule = call.org.options.assignment_rule
    wanted = (call.header("Sforce-Auto-Assign") or "TRUE").strip()
    if wanted.upper() == "FALSE":
        return None
    if wanted.upper() == "TRUE":
        return rule["owner_id"] if rule and rule.get("active", True) else None
    if rule is None or not looks_like_id(wanted) or wanted[:15] != rule["id"][:15]:
        # Assumption assignment-unknown-rule: a rule that does not exist spoils the whole call.
        raise ApiError(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    return rule["owner_id"]
