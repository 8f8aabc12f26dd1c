"""A model of what the organization must hold, and a machine that tries to prove it wrong."""

import pytest


pytest.register_assert_rewrite(
    *(f"tests.replication.model.{name}" for name in ("adopt", "check", "machine", "runs"))
)
