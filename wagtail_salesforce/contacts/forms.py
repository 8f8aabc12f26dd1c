"""Form submissions become contacts through form connections."""

from __future__ import annotations

from typing import Any


def capture_submission(submission: Any) -> None:
    """Capture one submission; never raises into the visitor's request."""
