"""A call as the handlers see it, and the answer they give."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

import orjson

from .errors import ApiError, not_found
from .json_position import locate
from .org import Org
from .schema import ObjectSpec
from .tokens import Access


JSON = "application/json;charset=UTF-8"
HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"


@dataclass
class Answer:
    """Status, headers and a body: JSON-able data, or bytes or text as they are."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON

    def payload(self, pretty: bool = False) -> bytes:
        """The body's bytes; JSON indented on request."""
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        if isinstance(self.body, str):
            return self.body.encode()
        return orjson.dumps(self.body, option=orjson.OPT_INDENT_2 if pretty else None)


@dataclass
class Body:
    """What a call carries: bytes to parse, or a part of a Composite that is parsed already."""

    raw: bytes
    path: tuple[str | int, ...] = ()
    parsed: Any = None

    def json(self) -> Any:
        """The JSON value; a text that is none is refused as Salesforce does."""
        if self.parsed is None and not self.path:
            self.parsed = _parse(self.raw)
        return self.parsed

    def position(self, *path: str | int) -> str:
        """``[line:1, column:129]`` of a value inside."""
        # Assumption composite-position: inside a Composite the position is the one in the whole request.
        line, column = locate(self.raw, (*self.path, *path))
        return f"[line:{line}, column:{column}]"


def _parse(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ApiError(400, "JSON_PARSER_ERROR", _parser_message(raw, error)) from error


def _parser_message(raw: bytes, error: orjson.JSONDecodeError) -> str:
    # Assumption parser-texts: the middle of these texts; only their beginning and end have been reported.
    try:
        text = raw.decode()
    except UnicodeDecodeError as wrong:
        before = raw[: wrong.start]
        column = wrong.start - before.rfind(b"\n")
        line = before.count(b"\n") + 1
        return f"Invalid UTF-8 byte 0x{raw[wrong.start]:x} at [line:{line}, column:{column}]"
    position = f"at [line:{error.lineno}, column:{error.colno}]"
    char = text[error.pos : error.pos + 1]
    if not char:
        return f"Unexpected end-of-input: expected a valid value {position}"
    return f"Unexpected character ('{char}' (code {ord(char)})): expected a valid value {position}"


@dataclass
class Call:
    """One REST call: of its own, or one part of a Composite."""

    org: Org
    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: Body
    version: str = ""
    session: Access | None = None
    rows: int = 0
    failed_rows: int = 0
    all_or_none: bool = False
    inside_composite: bool = False
    inside_all_or_none: bool = False

    @property
    def root(self) -> str:
        """The path under which this call's version lives."""
        return f"/services/data/v{self.version}"

    @property
    def user_id(self) -> str:
        """Who is calling."""
        return self.session.user_id if self.session else ""

    def header(self, name: str) -> str | None:
        """A header, whatever its case."""
        return self.headers.get(name.lower())

    def object(self, name: str) -> ObjectSpec:
        """The object of this name, or 404."""
        spec = self.org.schema.find(name)
        if spec is None:
            raise not_found()
        return spec

    def json_object(self) -> dict[str, Any]:
        """The body, which must be a JSON object."""
        value = self.body.json()
        if not isinstance(value, dict):
            raise wrong_kind(self.body, "object", value)
        return value


def wrong_kind(body: Body, wanted: str, value: Any, *path: str | int) -> ApiError:
    """The refusal of the whole call because one value is of the wrong kind."""
    token = _token(value)
    shown = {"START_OBJECT": "{", "START_ARRAY": "["}.get(token, _shown(value))
    message = (
        f"Cannot deserialize instance of {wanted} from {token} value {shown} or request may be"
        f" missing a required field at {body.position(*path)}"
    )
    return ApiError(400, "JSON_PARSER_ERROR", message)


def _token(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return f"VALUE_{'NULL' if value is None else str(value).upper()}"
    kinds = {str: "VALUE_STRING", int: "VALUE_NUMBER_INT", float: "VALUE_NUMBER_FLOAT"}
    return kinds.get(type(value), "START_OBJECT" if isinstance(value, dict) else "START_ARRAY")


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def split_path(path: str) -> list[str]:
    """The decoded segments of a raw path; one trailing slash means nothing."""
    segments = [unquote(segment) for segment in path.split("/")[1:]]
    if segments and segments[-1] == "":
        segments.pop()
    return segments


def split_query(text: str) -> dict[str, str]:
    """The parameters of a query string (the last of a name counts)."""
    return dict(parse_qsl(text, keep_blank_values=True))


def unpack(raw: bytes, encoding: str | None) -> bytes:
    """The body with its compression taken off."""
    if (encoding or "").strip().lower() != "gzip":
        return raw
    try:
        return gzip.decompress(raw)
    except (OSError, EOFError) as error:
        raise ApiError(400, "JSON_PARSER_ERROR", "The body is not valid gzip") from error
