"""A database of the campaign's own, and the cutting of its connections."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.torture.processes import REPLICATOR


@contextmanager
def own_database() -> Iterator[None]:
    """Make a database with all tables, name it in the environment, throw it away afterwards."""
    if os.environ.get("WS_TEST_DATABASE", "sqlite") == "postgres":
        name = f"ws_torture_{os.getpid()}"
        os.environ["TORTURE_DATABASE"] = name
        _on_server(f'CREATE DATABASE "{name}"')
        try:
            _make_tables()
            yield
        finally:
            _on_server(f'DROP DATABASE "{name}" WITH (FORCE)')
        return
    with tempfile.TemporaryDirectory(prefix="ws-torture-") as folder:
        os.environ["TORTURE_DATABASE"] = str(Path(folder) / "site.sqlite3")
        _make_tables()
        yield


def _on_server(sql: str) -> None:
    import psycopg

    host, port = os.environ.get("PGHOST", "127.0.0.1"), os.environ.get("PGPORT", "5432")
    user, password = os.environ.get("PGUSER", "postgres"), os.environ.get("PGPASSWORD") or None
    with psycopg.connect(
        host=host, port=port, user=user, password=password, dbname="postgres", autocommit=True
    ) as server:
        server.execute(sql)


def _make_tables() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", run_syncdb=True, verbosity=0)
    connection.close()


def empty() -> None:
    """All tables as new, with what Wagtail's migrations would have put there."""
    from django.core.management import call_command

    from tests.first_data import put_back

    call_command("flush", interactive=False, verbosity=0)
    put_back()


def cut_connections() -> int:
    """Cut the replicators' connections to PostgreSQL; how many there were."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = %s AND datname = current_database()",
            [REPLICATOR],
        )
        return len(cursor.fetchall())
