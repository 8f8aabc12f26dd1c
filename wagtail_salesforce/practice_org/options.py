"""What an administrator of the org can set, and what a test can switch."""

from dataclasses import asdict, dataclass, field, fields
from typing import Any, cast

from .errors import ApiError
from .ids import make
from .shapes import check_shapes


ORG_ID = make("00D", 1)
INTEGRATION_USERNAME = "integration@practice.example"


@dataclass
class Options:
    """The org's switches; ``control.PracticeOrg.options`` sets them by these names."""

    org_id: str = ORG_ID
    org_name: str = "Practice Org Ltd"
    sandbox: bool = False
    organization_type: str = "Developer Edition"
    instance_name: str = "PRAC1"
    rotation: bool = False
    refresh_idle_days: int | None = None
    session_minutes: int = 120
    jwt_access_tokens: bool = False
    per_app_usage: str | None = None
    app_installed: bool = True
    pkce_required: bool = True
    callbacks: list[str] = field(default_factory=list)
    client_credentials_user: str | None = INTEGRATION_USERNAME
    jwt_public_key: str | None = None
    jwt_approved: bool = True
    inactive: list[str] = field(default_factory=list)
    duplicate_rule: dict[str, Any] | None = None
    assignment_rule: dict[str, Any] | None = None
    validation_rules: list[dict[str, Any]] = field(default_factory=list)
    api_page_size: int | None = None
    bulk_rows_at_once: int = 10_000
    shape: list[str] = field(default_factory=list)

    def dump(self) -> dict[str, Any]:
        """All options by name."""
        return asdict(self)

    def update(self, changes: dict[str, Any]) -> None:
        """Set options; an unknown name or a wrong kind of value is refused."""
        for name, value in changes.items():
            _check(name, value)
        for name, value in changes.items():
            setattr(self, name, value)


_KINDS: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "bool": (bool,),
    "int": (int,),
    "str | None": (str, type(None)),
    "int | None": (int, type(None)),
    "list[str]": (list,),
    "list[dict[str, Any]]": (list,),
    "dict[str, Any] | None": (dict, type(None)),
}


def _check(name: str, value: Any) -> None:
    known = {each.name: each.type for each in fields(Options)}
    if name not in known:
        raise ApiError(400, "UNKNOWN_OPTION", f"There is no option {name!r}")
    declared = known[name]
    kinds = _KINDS[declared if isinstance(declared, str) else _spelling(declared)]
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise ApiError(400, "WRONG_KIND", f"Option {name!r} cannot be {value!r}")
    if name == "shape":
        check_shapes(map(str, cast("list[Any]", value)))
    _check_parts(name, value)


def _check_parts(name: str, value: Any) -> None:
    """Rules must name what they work with."""
    needed = _PARTS.get(name, ())
    rules = value if isinstance(value, list) else [value]
    for rule in rules:
        if needed and rule is not None and not set(needed) <= set(rule):
            text = f"Option {name!r} wants {', '.join(needed)}; got {rule!r}"
            raise ApiError(400, "WRONG_KIND", text)


_PARTS = {
    "assignment_rule": ("id", "owner_id"),
    "duplicate_rule": ("match", "action"),
    "validation_rules": ("field", "message"),
}


def _spelling(declared: Any) -> str:
    text = declared.__name__ if type(declared) is type else str(declared)
    return text.replace("typing.", "")
