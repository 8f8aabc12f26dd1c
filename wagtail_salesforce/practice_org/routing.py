"""Which handler answers which path and method.

Source: REST guide, "Status Codes and Error Responses" (404 and 405).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .errors import ApiError, not_found
from .wire import Answer, Call


Handler = Callable[..., Answer]


@dataclass(frozen=True)
class Route:
    """One resource: its path pattern and its methods."""

    pattern: tuple[str, ...]
    handlers: dict[str, Handler]

    def match(self, segments: Sequence[str]) -> dict[str, str] | None:
        """The named parts of a path that fits, or None."""
        if len(segments) != len(self.pattern):
            return None
        found: dict[str, str] = {}
        for wanted, segment in zip(self.pattern, segments, strict=True):
            if wanted.startswith("{"):
                found[wanted[1:-1]] = segment
            elif wanted.lower() != segment.lower():
                return None
        return found

    def allowed(self) -> str:
        """The methods as the 405 lists them."""
        methods = set(self.handlers) | ({"HEAD"} if "GET" in self.handlers else set())
        return ",".join(sorted(methods))


def route(pattern: str, **handlers: Handler) -> Route:
    """A route from a readable pattern: ``route("sobjects/{object}", GET=…, POST=…)``."""
    return Route(tuple(pattern.split("/")), handlers)


def dispatch(call: Call, segments: Sequence[str], routes: Sequence[Route]) -> Answer:
    """Let the first fitting route answer."""
    for each in routes:
        found = each.match(segments)
        if found is None:
            continue
        method = "GET" if call.method == "HEAD" else call.method
        handler = each.handlers.get(method)
        if handler is None:
            text = f"HTTP Method '{call.method}' not allowed. Allowed are {each.allowed()}"
            raise ApiError(405, "METHOD_NOT_ALLOWED", text)
        return handler(call, **found)
    raise not_found()
