"""The durable side: one SQLite file, written once per answered call.

Records, documents (options, tokens, clock, schema), the calls answered and the calls counted
against the allowance go to disk together, in one transaction, before the answer is sent.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

import orjson


LAYOUT = """
CREATE TABLE IF NOT EXISTS record (
    org TEXT, object TEXT, id TEXT, body BLOB, PRIMARY KEY (org, object, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS document (name TEXT PRIMARY KEY, body BLOB) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS call (number INTEGER PRIMARY KEY, body BLOB);
CREATE TABLE IF NOT EXISTS spent (
    org TEXT, second INTEGER, calls INTEGER, PRIMARY KEY (org, second)
) WITHOUT ROWID;
"""
MEMORY = ":memory:"


class Store:
    """The one SQLite connection; the org's lock guards it."""

    def __init__(self, path: str) -> None:
        self.connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        if path != MEMORY:
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute("PRAGMA synchronous = NORMAL")
        self.connection.executescript(LAYOUT)

    def begin(self) -> None:
        """Open the transaction of one call."""
        if self.connection.in_transaction:
            # An earlier commit broke down half way.
            self.connection.execute("ROLLBACK")
        self.connection.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Close it."""
        self.connection.execute("COMMIT")

    def save_records(self, org: str, blobs: dict[tuple[str, str], bytes]) -> None:
        """Write the records that one call changed, in one statement."""
        rows = [(org, name, record_id, blob) for (name, record_id), blob in blobs.items()]
        self.connection.executemany("INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?)", rows)

    def load_records(self, org: str) -> Iterator[tuple[str, str, bytes]]:
        """Every record of an org: object, id, JSON; in the order of the ids."""
        query = "SELECT object, id, body FROM record WHERE org = ? ORDER BY object, id"
        return iter(self.connection.execute(query, (org,)))

    def save_document(self, name: str, value: Any) -> None:
        """Write one document."""
        self.connection.execute(
            "INSERT OR REPLACE INTO document VALUES (?, ?)", (name, orjson.dumps(value))
        )

    def load_document(self, name: str) -> Any:
        """Read one document, or None."""
        query = "SELECT body FROM document WHERE name = ?"
        row = self.connection.execute(query, (name,)).fetchone()
        return None if row is None else orjson.loads(row[0])

    def save_calls(self, calls: Iterable[tuple[int, bytes]]) -> None:
        """Write calls to the log."""
        self.connection.executemany("INSERT OR REPLACE INTO call VALUES (?, ?)", calls)

    def load_calls(self, limit: int) -> list[tuple[int, bytes]]:
        """The newest calls, oldest first."""
        query = "SELECT number, body FROM call ORDER BY number DESC LIMIT ?"
        return self.connection.execute(query, (limit,)).fetchall()[::-1]

    def clear_calls(self) -> None:
        """Forget the log."""
        self.connection.execute("DELETE FROM call")

    def spend(self, org: str, second: int, calls: int) -> None:
        """Add to the calls counted in one second."""
        self.connection.execute(
            "INSERT INTO spent VALUES (?, ?, ?)"
            " ON CONFLICT (org, second) DO UPDATE SET calls = calls + excluded.calls",
            (org, second, calls),
        )

    def load_spent(self, org: str) -> list[tuple[int, int]]:
        """The counted calls of an org by second."""
        query = "SELECT second, calls FROM spent WHERE org = ? ORDER BY second"
        return self.connection.execute(query, (org,)).fetchall()

    def clear_spent(self, org: str) -> None:
        """Forget the counted calls of an org."""
        self.connection.execute("DELETE FROM spent WHERE org = ?", (org,))

    def clear(self) -> None:
        """Forget everything."""
        for table in ("record", "document", "call", "spent"):
            self.connection.execute(f"DELETE FROM {table}")  # noqa: S608 (fixed names)

    def close(self) -> None:
        """Close the file."""
        self.connection.close()
