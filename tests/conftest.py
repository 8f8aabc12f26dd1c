"""Fixtures for all tests. The practice org runs in a process of its own, over real HTTP."""

from __future__ import annotations

import os
import shutil

import pytest
from pytest_socket import socket_allow_hosts


CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
]

# The synchronous Playwright runs an event loop, where Django would refuse the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


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


@pytest.fixture(scope="session")
def browser():
    """One Chromium for the session: Playwright allows one at a time in a process.

    Without Chromium the tests that need it are skipped; WS_REQUIRE_BROWSER=1 makes that an error,
    so that a run that must include them cannot pass without them.
    """
    path = next((found for name in CHROMIUMS if (found := shutil.which(name))), None)
    if path is None:
        words = f"There is no browser (looked for {', '.join(CHROMIUMS)})."
        pytest.fail(words) if os.environ.get("WS_REQUIRE_BROWSER") == "1" else pytest.skip(words)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()
