"""Fixtures for all tests. The practice org runs in a process of its own, over real HTTP."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Generator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_socket import socket_allow_hosts


CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
# Of two lists of features Chromium heeds the second, so this has what Playwright leaves out as
# well. The popups belong to an address bar that nobody sees: they take a second for each window.
NOT_NEEDED = [
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "OptimizationHints",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    # Pages are put together without a graphics card that is played by the processor, too.
    "--disable-software-rasterizer",
    "--disable-gpu-compositing",
    "--disable-gpu-rasterization",
    "--no-first-run",
    "--disable-background-networking",
    f"--disable-features={','.join(NOT_NEEDED)}",
    # Nothing outside of this machine: an avatar service, for one, must not slow tests down.
    # (Routes of Playwright's would do that as well, but they switch the browser's cache off.)
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]

# To compile the tests, with what pytest puts into their assertions, takes each process ten seconds.
# Who wants no compiled files beside the sources has them where Git and `make clean` expect them.
if sys.dont_write_bytecode:
    sys.pycache_prefix = str(Path(__file__).parents[1] / ".pytest_cache" / "compiled")
    sys.dont_write_bytecode = False

# The synchronous Playwright runs an event loop, where Django would refuse the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


# What takes longest: a site is made, a browser is started, and single tests take many seconds.
LONG = ("tests/test_example_site.py", "tests/browser/")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Several workers begin with what takes long: what they take from each other at the end is
    short then, and only one of them has to make the site and start the browser."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What has been imported stays: not to look through it again and again for garbage saves a
    tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(autouse=True)
def loopback_only():
    """Tests talk to this machine and nobody else."""
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def django_db_use_migrations(django_db_use_migrations: bool) -> bool:
    """On SQLite the tables come from the models, which takes a second and not ten.

    The migrations are run on PostgreSQL and MySQL, and on SQLite for the example site, whose tests
    also see to it that nothing is missing in them.
    """
    return django_db_use_migrations and os.environ.get("WS_TEST_DATABASE", "sqlite") != "sqlite"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """What Wagtail's migrations would have put into the database is there in any case.

    The schedules are due in a year: a test must not find them overdue because the others took long.
    """
    from django.utils import timezone
    from django_q.models import Schedule

    from tests.first_data import keep, let_go, put_back

    with django_db_blocker.unblock():
        put_back()
        Schedule.objects.update(next_run=timezone.now() + timedelta(days=365))
        keep()
    yield
    let_go()


@pytest.fixture(scope="module")
def module_rows(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Rows that a fixture of a module makes with this are there for all its tests.

    Each test finds them as they were made, and the module leaves nothing. Not for tests that
    commit for real.
    """
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


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


def _empties_the_database(item: pytest.Item) -> bool:
    """Whether the test commits for real, and so ends by emptying every table."""
    marker = item.get_closest_marker("django_db")
    by_mark = marker is not None and bool(marker.kwargs.get("transaction"))
    return by_mark or bool({"transactional_db", "live_server"} & set(_fixtures_of(item)))


def _fixtures_of(item: pytest.Item) -> list[str]:
    return getattr(item, "fixturenames", [])


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, None, None]:
    """Workers share tests, so one that leaves the database as it was may follow one that empties
    it: it finds the first data again."""
    yield
    if nextitem is None or not _empties_the_database(item) or _empties_the_database(nextitem):
        return
    from pytest_django.plugin import blocking_manager_key

    from tests.first_data import put_back

    with item.config.stash[blocking_manager_key].unblock():
        put_back()
