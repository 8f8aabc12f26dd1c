"""The log of the calls the org answered."""

from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson


KEPT = 20_000
# What would let a reader of the log act in somebody's name stays out of it.
SECRET_HEADERS = frozenset({"authorization", "cookie"})


@dataclass
class LoggedCall:
    """One answered call."""

    method: str
    path: str
    status: int
    counted: bool
    when: str
    headers: dict[str, str]
    rows: int = 0
    fault: str | None = None

    def dump(self) -> dict[str, Any]:
        """The entry as the control endpoint shows it."""
        return asdict(self)


@dataclass
class CallLog:
    """The newest calls, oldest first."""

    entries: deque[LoggedCall] = field(default_factory=lambda: deque(maxlen=KEPT))
    number: int = 0
    unsaved: list[tuple[int, bytes]] = field(default_factory=list)

    def add(self, call: LoggedCall) -> None:
        """Log one call."""
        self.number += 1
        self.entries.append(call)
        self.unsaved.append((self.number, orjson.dumps(call.dump())))

    def load(self, rows: list[tuple[int, bytes]]) -> None:
        """Take up the log of an earlier process."""
        for number, body in rows:
            self.number = number
            self.entries.append(LoggedCall(**orjson.loads(body)))

    def drain(self) -> list[tuple[int, bytes]]:
        """The calls logged since the last drain."""
        unsaved, self.unsaved = self.unsaved, []
        return unsaved

    def clear(self) -> None:
        """Forget all calls."""
        self.entries.clear()
        self.unsaved.clear()


def open_headers(headers: dict[str, str]) -> dict[str, str]:
    """The headers of a request without its secrets."""
    return {name: value for name, value in headers.items() if name.lower() not in SECRET_HEADERS}
