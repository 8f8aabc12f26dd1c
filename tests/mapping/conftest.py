"""Settings of the property tests: no deadline, as other work shares the machine."""

from __future__ import annotations

from hypothesis import settings


settings.register_profile("mapping", deadline=None, max_examples=150)
settings.load_profile("mapping")
