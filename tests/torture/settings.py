"""Settings of the tortured site: the test site with a database that processes share.

TORTURE_DATABASE is its name (a file on SQLite), TORTURE_REDIS the address of a Redis broker in
place of the database's, TORTURE_CONF more keys of WAGTAIL_SALESFORCE as JSON.
"""

import json
import os

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES, WAGTAIL_SALESFORCE
from tests.settings import Q_CLUSTER as CLUSTER


DATABASES["default"]["NAME"] = os.environ.get("TORTURE_DATABASE", "torture")
if "sqlite" in DATABASES["default"]["ENGINE"]:
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL",
    }

WAGTAIL_SALESFORCE = {**WAGTAIL_SALESFORCE, **json.loads(os.environ.get("TORTURE_CONF", "{}"))}

# That a task is queued is no news.
Q_CLUSTER = {**CLUSTER, "log_level": "ERROR"}
if redis := os.environ.get("TORTURE_REDIS"):
    Q_CLUSTER = {key: value for key, value in Q_CLUSTER.items() if key != "orm"} | {"redis": redis}


class NoMigrations:
    """The tables come from the models: the replicator is tortured here, not its migrations."""

    def __contains__(self, app: str) -> bool:
        return True

    def __getitem__(self, app: str) -> None:
        return None


MIGRATION_MODULES = NoMigrations()
