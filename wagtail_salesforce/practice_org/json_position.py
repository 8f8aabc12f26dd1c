"""Where in a JSON text a value stands, which Salesforce's parser errors tell.

Only used once something is wrong: the fast parser in use does not keep positions.
"""

import re
from collections.abc import Sequence
from json.decoder import scanstring  # type: ignore[attr-defined]


SPACE = re.compile(r"[ \t\n\r]*")
SCALAR = re.compile(r"[^\s,\]}]+")


def locate(raw: bytes, path: Sequence[str | int]) -> tuple[int, int]:
    """Line and column (from 1) where the value at this path begins; (1, 1) if it is not there."""
    text = raw.decode("utf-8", "replace")
    try:
        position = _find(text, _blank(text, 0), list(path))
    except (IndexError, ValueError, RecursionError):
        position = 0
    return text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)


def _blank(text: str, position: int) -> int:
    match = SPACE.match(text, position)
    return match.end() if match else position


def _find(text: str, position: int, path: list[str | int]) -> int:
    if not path:
        return position
    wanted, rest = path[0], path[1:]
    found = None
    for key, start in _children(text, position):
        if key == wanted:
            found = start
    if found is None:
        raise ValueError("no such path")
    return _find(text, found, rest)


def _children(text: str, position: int) -> list[tuple[str | int, int]]:
    """The keys (or indexes) of a container with the positions of their values."""
    children: list[tuple[str | int, int]] = []
    closing = "}" if text[position] == "{" else "]"
    position = _blank(text, position + 1)
    while text[position] != closing:
        key: str | int = len(children)
        if closing == "}":
            key, position = scanstring(text, position + 1, False)
            position = _blank(text, _blank(text, position) + 1)
        children.append((key, position))
        position = _blank(text, _skip(text, position))
        if text[position] == ",":
            position = _blank(text, position + 1)
    return children


def _skip(text: str, position: int) -> int:
    """The position just after the value that begins here."""
    char = text[position]
    if char == '"':
        return scanstring(text, position + 1, False)[1]
    if char not in "{[":
        match = SCALAR.match(text, position)
        return match.end() if match else position + 1
    depth = 0
    while True:
        char = text[position]
        if char == '"':
            position = scanstring(text, position + 1, False)[1]
            continue
        depth += (char in "{[") - (char in "}]")
        position += 1
        if depth == 0:
            return position
