"""Fixtures for the tests of the admin's pages."""

from __future__ import annotations

import pytest

from tests.connecting import connect


@pytest.fixture
def connected(org):
    """The practice org, and the site is connected to it."""
    connect(org)
    return org
