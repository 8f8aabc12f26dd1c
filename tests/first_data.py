"""What Wagtail's migrations put into a database, put back where a test has emptied it.

A test with real commits (a live server's, for one) ends by emptying every table. To empty and fill
the hundred tables takes a tenth of a second; on SQLite they are therefore all copied once, and the
copy is put in their place.
"""

from __future__ import annotations

import sqlite3

from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from wagtail.contrib.forms.utils import get_form_types
from wagtail.models import Collection, Locale, Page, Site

from wagtail_salesforce.contacts import activity_types


#: What SQLite says when another connection stands in the way, and how often it is asked again.
BUSY, LOCKED = 5, 6
TRIES = 100

_copy: sqlite3.Connection | None = None


def keep() -> None:
    """Copy the database as it is now, if it is one of SQLite."""
    global _copy
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        _copy = sqlite3.connect(":memory:", check_same_thread=False)
        connection.connection.backup(_copy)


def restore() -> bool:
    """Make the database what it was when it was copied; whether there is a copy.

    Raises `sqlite3.OperationalError` when another connection does not let go of it.
    """
    if _copy is None:
        return False
    connection.ensure_connection()
    left = iter(range(TRIES))

    def give_up(status: int, _remaining: int, _total: int) -> None:
        if status in (BUSY, LOCKED) and next(left, None) is None:
            raise sqlite3.OperationalError("Another connection still uses the database.")

    _copy.backup(connection.connection, progress=give_up, sleep=0.05)
    forget()
    return True


def let_go() -> None:
    """Close the copy."""
    global _copy
    if _copy is not None:
        _copy.close()
        _copy = None


def forget() -> None:
    """Let Django, Wagtail and the package remember nothing of rows that are gone."""
    ContentType.objects.clear_cache()
    _forget_what_tests_make()


def _forget_what_tests_make() -> None:
    Site.clear_site_root_paths_cache()
    get_form_types.cache_clear()
    activity_types._with_row.clear()


def put_back() -> None:
    """The locale, the root and home pages with their site, and the right to enter the admin."""
    _forget_what_tests_make()
    if not is_there():
        _put_back()


def is_there() -> bool:
    """Whether nothing has been emptied: a collection is what is put back last but one, and nobody
    else makes one. (The right comes back with the tables as well, and no test takes it away.)"""
    return Collection.objects.exists()


def _put_back() -> None:
    forget()
    Locale.objects.get_or_create(language_code=settings.LANGUAGE_CODE)
    if not Page.objects.exists():
        root = Page.add_root(instance=Page(title="Root", slug="root"))
        home = root.add_child(instance=Page(title="Welcome", slug="home"))
        Site.objects.create(hostname="localhost", root_page=home, is_default_site=True)
    if not Collection.objects.exists():
        Collection.add_root(name="Root")
    kind, _created = ContentType.objects.get_or_create(app_label="wagtailadmin", model="admin")
    Permission.objects.get_or_create(
        content_type=kind,
        codename="access_admin",
        defaults={"name": "Can access Wagtail admin"},
    )
