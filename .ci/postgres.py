"""Prints the role that may use the PostgreSQL server, or says why there is none and exits with 1.

The server is PGHOST:PGPORT (127.0.0.1:5432). PGUSER is the only role tried when it is set.
"""

from __future__ import annotations

import getpass
import os
import sys

import psycopg


HOST = os.environ.get("PGHOST", "127.0.0.1")
PORT = os.environ.get("PGPORT", "5432")


def usable_role() -> str:
    """The first role that can log in and make databases; the last error when there is none."""
    wanted = os.environ.get("PGUSER")
    roles = [wanted] if wanted else ["postgres", getpass.getuser()]
    error: psycopg.Error | None = None
    for role in roles:
        try:
            check(role)
            return role
        except psycopg.Error as problem:
            error = problem
    raise SystemExit(f"PostgreSQL at {HOST}:{PORT} is not usable: {str(error).strip()}")


def check(role: str) -> None:
    with psycopg.connect(
        host=HOST, port=PORT, user=role, dbname="postgres", connect_timeout=5
    ) as connection:
        row = connection.execute(
            "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    if not row or not row[0]:
        raise psycopg.OperationalError(f"the role {role} may not create databases")


if __name__ == "__main__":
    sys.stdout.write(usable_role() + "\n")
