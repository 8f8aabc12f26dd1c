"""Says why the MySQL or MariaDB server cannot be used by the tests, and exits with 1 then.

The server is MYSQL_HOST:MYSQL_PORT (127.0.0.1:3306), the account MYSQL_USER (root) with
MYSQL_PASSWORD (none).
"""

from __future__ import annotations

import os

import MySQLdb


HOST = os.environ.get("MYSQL_HOST", "127.0.0.1")
PORT = os.environ.get("MYSQL_PORT", "3306")
USER = os.environ.get("MYSQL_USER", "root")


def main() -> None:
    try:
        connection = MySQLdb.connect(
            host=HOST,
            port=int(PORT),
            user=USER,
            password=os.environ.get("MYSQL_PASSWORD", ""),
            connect_timeout=5,
        )
        connection.close()
    except MySQLdb.Error as error:
        raise SystemExit(f"MySQL at {HOST}:{PORT} is not usable as {USER}: {error}") from None


if __name__ == "__main__":
    main()
