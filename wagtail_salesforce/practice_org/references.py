"""``@{referenceId.field}`` in a Composite: a value from the answer of an earlier part.

Source: REST guide, "Composite Subrequest" (reference ids).
"""

import re
from typing import Any


WHOLE = re.compile(r"@\{([A-Za-z0-9_]+)((?:\.[A-Za-z0-9_]+|\[\d+\])+)\}")
STEP = re.compile(r"\.([A-Za-z0-9_]+)|\[(\d+)\]")


class MissingReference(Exception):
    """A reference names no value of an earlier answer."""


def resolve(value: Any, bodies: dict[str, Any]) -> Any:
    """The value with every reference in its texts filled in."""
    if isinstance(value, str):
        return WHOLE.sub(lambda match: str(_look_up(match, bodies)), value)
    if isinstance(value, list):
        return [resolve(each, bodies) for each in value]
    if isinstance(value, dict):
        return {name: resolve(each, bodies) for name, each in value.items()}
    return value


def _look_up(match: re.Match[str], bodies: dict[str, Any]) -> Any:
    found: Any = bodies.get(match[1])
    for name, position in STEP.findall(match[2]):
        try:
            found = found[name] if name else found[int(position)]
        except (KeyError, IndexError, TypeError) as error:
            text = f"Invalid reference specified. No value for {match[0][2:-1]} found in {match[1]}"
            raise MissingReference(text) from error
    return found
