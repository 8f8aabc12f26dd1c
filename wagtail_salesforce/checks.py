from __future__ import annotations


def register_checks() -> None:
    """Make the system checks known to Django."""
