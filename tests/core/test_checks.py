"""Every trap of django-q2 is named with the line that mends it."""

from __future__ import annotations

import pytest
from django.db import connections
from django.db.utils import ConnectionHandler

from wagtail_salesforce.checks import _sqlite_trouble, check_cluster, check_sqlite


GOOD = {
    "name": "site",
    "orm": "default",
    "catch_up": False,
    "ack_failures": True,
    "max_attempts": 1,
    "timeout": 300,
    "retry": 1200,
}


def ids(messages):
    return {message.id.removeprefix("wagtail_salesforce.") for message in messages}


def test_a_good_cluster_has_nothing_to_say(settings):
    settings.Q_CLUSTER = GOOD
    assert check_cluster() == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"orm": "tasks"}, "E011"),
        ({"orm": None}, "W012"),
        ({"timeout": None}, "W013"),
        ({"timeout": 60, "retry": 200}, "W013"),
        ({"retry": 600}, "W014"),
        ({"ack_failures": False}, "W015"),
        ({"max_attempts": 0}, "W016"),
        ({"catch_up": True}, "W017"),
        ({"guard_cycle": 0.3}, "W018"),
    ],
)
def test_each_trap_is_named(settings, change, expected):
    settings.Q_CLUSTER = {**GOOD, **change}
    [message] = check_cluster()
    assert ids([message]) == {expected}
    assert message.hint


def test_the_options_of_our_own_cluster_hold(settings):
    settings.Q_CLUSTER = {
        **GOOD,
        "timeout": 30,
        "retry": 40,
        "ALT_CLUSTERS": {"salesforce": {"timeout": 300, "retry": 1200}},
    }
    assert check_cluster() == []


def test_without_settings_for_django_q_everything_is_wrong(settings):
    del settings.Q_CLUSTER
    assert {"W012", "W013", "W015", "W016", "W017"} <= ids(check_cluster())


def test_without_django_q_there_is_one_clear_error(monkeypatch):
    monkeypatch.setattr("django.apps.apps.is_installed", lambda name: name != "django_q")
    assert ids(check_cluster()) == {"E010"}


@pytest.mark.django_db
def test_sqlite_in_deferred_mode_is_warned_about(monkeypatch):
    default = connections["default"]
    if default.vendor != "sqlite":
        assert check_sqlite(databases=["default"]) == []
        return
    options = default.settings_dict["OPTIONS"]
    monkeypatch.setitem(options, "transaction_mode", None)
    assert ids(check_sqlite(databases=["default"])) == {"W020"}
    assert check_sqlite(databases=None) == []


def of_file(path, **options):
    """What is said of an SQLite database in a file."""
    given = {"ENGINE": "django.db.backends.sqlite3", "NAME": path, "OPTIONS": options}
    handler = ConnectionHandler({"default": given})
    try:
        return _sqlite_trouble(handler["default"])
    finally:
        handler.close_all()


@pytest.mark.django_db
def test_sqlite_needs_both_of_its_options(tmp_path):
    path, wal = tmp_path / "db.sqlite3", "PRAGMA journal_mode=WAL;"
    assert of_file(path, init_command=wal).startswith("begins transactions in deferred mode")
    assert of_file(tmp_path / "other.sqlite3", transaction_mode="IMMEDIATE") == (
        "keeps its journal in delete mode"
    )
    assert of_file(path, transaction_mode="immediate", init_command=wal) == ""
    assert of_file(path, transaction_mode="IMMEDIATE") == "", "the file remembers it"
