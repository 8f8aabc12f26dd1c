"""A database of the campaign's own, and the cutting of its connections."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.torture.processes import REPLICATOR


@contextmanager
def own_database() -> Iterator[None]:
    """Make a database with all tables, name it in the environment, throw it away afterwards."""
    kind = os.environ.get("WS_TEST_DATABASE", "sqlite")
    if kind != "sqlite":
        name = f"ws_torture_{os.getpid()}"
        os.environ["TORTURE_DATABASE"] = name
        do, make, drop = SERVERS[kind]
        do(make.format(name))
        try:
            _make_tables()
            yield
        finally:
            do(drop.format(name))
        return
    with tempfile.TemporaryDirectory(prefix="ws-torture-") as folder:
        os.environ["TORTURE_DATABASE"] = str(Path(folder) / "site.sqlite3")
        _make_tables()
        yield


def _on_mysql(sql: str) -> None:
    import MySQLdb

    server = MySQLdb.connect(
        host=os.environ.get("MYSQL_HOST", "127.0.0.1"),
        port=int(os.environ.get("MYSQL_PORT", "3306")),
        user=os.environ.get("MYSQL_USER", "root"),
        password=os.environ.get("MYSQL_PASSWORD", ""),
    )
    server.cursor().execute(sql)
    server.close()


def _on_postgres(sql: str) -> None:
    import psycopg

    host, port = os.environ.get("PGHOST", "127.0.0.1"), os.environ.get("PGPORT", "5432")
    user, password = os.environ.get("PGUSER", "postgres"), os.environ.get("PGPASSWORD") or None
    with psycopg.connect(
        host=host, port=port, user=user, password=password, dbname="postgres", autocommit=True
    ) as server:
        server.execute(sql)


#: Who runs a statement on the server, and how a database is made and dropped there.
SERVERS = {
    "postgres": (_on_postgres, 'CREATE DATABASE "{}"', 'DROP DATABASE "{}" WITH (FORCE)'),
    "mysql": (_on_mysql, "CREATE DATABASE {} CHARACTER SET utf8mb4", "DROP DATABASE {}"),
}


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


def cut_connections(ids: Iterable[int] = ()) -> int:
    """Cut the replicators' connections; how many there were.

    PostgreSQL knows them by their name, MySQL and MariaDB by these ids.
    """
    from django.db import connection

    if connection.vendor == "mysql":
        return sum(_kill_connection(each) for each in ids if each)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = %s AND datname = current_database()",
            [REPLICATOR],
        )
        return len(cursor.fetchall())


def _kill_connection(connection_id: int) -> bool:
    from django.db import OperationalError, connection

    with connection.cursor() as cursor:
        try:
            cursor.execute("KILL %s", [connection_id])
        except OperationalError:
            # It has just been closed.
            return False
    return True
