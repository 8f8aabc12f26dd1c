"""Fixtures for all tests. The practice org runs in a process of its own, over real HTTP."""

from __future__ import annotations

import pytest
from pytest_socket import socket_allow_hosts


@pytest.fixture(autouse=True)
def loopback_only():
    """Tests talk to this machine and nobody else."""
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def practice_org_server():
    """One practice org for the session."""
    from wagtail_salesforce.practice_org.control import PracticeOrg

    with PracticeOrg.start(callbacks=["http://localhost/admin/salesforce/callback/"]) as server:
        yield server


@pytest.fixture
def org(practice_org_server):
    """The practice org as new."""
    practice_org_server.reset()
    return practice_org_server
