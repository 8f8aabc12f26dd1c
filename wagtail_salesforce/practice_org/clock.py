"""The org's own time, so that a test can move it together with the site's."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone


@dataclass
class Clock:
    """Real time moved by an offset, or standing still at one moment."""

    offset: float = 0.0
    frozen_at: float | None = None
    real_time: Callable[[], float] = time.time

    def timestamp(self) -> float:
        """Seconds since the epoch, by the org's time."""
        return self.real_time() + self.offset if self.frozen_at is None else self.frozen_at

    def now(self) -> datetime:
        """The org's time as an aware UTC datetime."""
        return datetime.fromtimestamp(self.timestamp(), timezone.utc)

    def advance(self, seconds: float) -> None:
        """Move the org's time forward (or back, with a negative number)."""
        self.set(self.timestamp() + seconds)

    def set(self, timestamp: float) -> None:
        """Make it this moment now; a frozen clock stays frozen there."""
        if self.frozen_at is not None:
            self.frozen_at = timestamp
        else:
            self.offset = timestamp - self.real_time()

    def freeze(self, frozen: bool) -> None:
        """Stop the clock, or let it run on from where it stands."""
        moment = self.timestamp()
        self.frozen_at = moment if frozen else None
        if not frozen:
            self.offset = moment - self.real_time()

    def dump(self) -> dict[str, float | None]:
        """The state to keep across a restart."""
        return {"offset": self.offset, "frozen_at": self.frozen_at}
