"""The records in memory: JSON blobs by id, indexes of looked-up values, and an undo journal."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson


Row = dict[str, Any]
NO_IDS: tuple[str, ...] = ()


def index_key(value: Any, case_sensitive: bool) -> Any:
    """What an index files a value under."""
    # Source: REST guide, "Upsert": matching is case-insensitive unless the field says otherwise.
    if isinstance(value, str) and not case_sensitive:
        return value.lower()
    return value


@dataclass
class Index:
    """Which living records have a value in one field."""

    name: str
    case_sensitive: bool
    ids: dict[Any, tuple[str, ...]] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        """File a record, unless it is deleted or has no value here."""
        value = row.get(self.name)
        if value is not None and not row.get("IsDeleted"):
            key = index_key(value, self.case_sensitive)
            self.ids[key] = (*self.ids.get(key, NO_IDS), row["Id"])

    def remove(self, row: Row) -> None:
        """Forget a record as it was filed."""
        value = row.get(self.name)
        if value is None or row.get("IsDeleted"):
            return
        key = index_key(value, self.case_sensitive)
        left = tuple(each for each in self.ids.get(key, NO_IDS) if each != row["Id"])
        if left:
            self.ids[key] = left
        else:
            self.ids.pop(key, None)

    def find(self, value: Any) -> tuple[str, ...]:
        """The ids of the living records with this value."""
        return self.ids.get(index_key(value, self.case_sensitive), NO_IDS)


@dataclass
class Table:
    """The records of one object in one org."""

    name: str
    blobs: dict[str, bytes] = field(default_factory=dict)
    indexes: dict[str, Index] = field(default_factory=dict)

    def get(self, record_id: str) -> Row | None:
        """A record, deleted or not."""
        blob = self.blobs.get(record_id)
        return None if blob is None else orjson.loads(blob)

    def rows(self) -> Iterator[Row]:
        """All records, deleted ones too, in the order they were made."""
        for blob in list(self.blobs.values()):
            yield orjson.loads(blob)

    def index(self, name: str, case_sensitive: bool = False) -> Index:
        """The index of a field, built the first time it is asked for."""
        index = self.indexes.get(name)
        if index is None:
            index = self.indexes[name] = Index(name, case_sensitive)
            for row in self.rows():
                index.add(row)
        return index

    def replace(self, record_id: str, blob: bytes | None, old: Row | None, new: Row | None) -> None:
        """Exchange one record and keep every index true."""
        for index in self.indexes.values():
            if old is not None:
                index.remove(old)
            if new is not None:
                index.add(new)
        if blob is None:
            self.blobs.pop(record_id, None)
        else:
            self.blobs[record_id] = blob


@dataclass
class Tables:
    """All tables of one org, with the journal that makes all-or-none possible."""

    by_name: dict[str, Table] = field(default_factory=dict)
    journal: list[tuple[str, str, bytes | None]] = field(default_factory=list)

    def table(self, name: str) -> Table:
        """The table of an object."""
        table = self.by_name.get(name)
        if table is None:
            table = self.by_name[name] = Table(name)
        return table

    def put(self, name: str, row: Row, old: Row | None = None) -> None:
        """Write a record; ``old`` is the record it replaces."""
        table = self.table(name)
        record_id = row["Id"]
        self.journal.append((name, record_id, table.blobs.get(record_id)))
        # A copy of the exact size: the serialiser's own buffers are large, and what is left of
        # each one after it shrinks is too small for the next (8 KB lost for every record).
        blob = bytes(memoryview(orjson.dumps(row)))
        table.replace(record_id, blob, old, row)

    def mark(self) -> int:
        """A point to roll back to."""
        return len(self.journal)

    def roll_back(self, mark: int) -> None:
        """Undo everything written since the mark."""
        while len(self.journal) > mark:
            name, record_id, blob = self.journal.pop()
            table = self.table(name)
            before = None if blob is None else orjson.loads(blob)
            table.replace(record_id, blob, table.get(record_id), before)

    def drain(self) -> dict[tuple[str, str], bytes]:
        """The records changed since the last drain, as they are now."""
        changed: dict[tuple[str, str], bytes] = {}
        for name, record_id, _ in self.journal:
            blob = self.by_name[name].blobs.get(record_id)
            if blob is not None:
                changed[name, record_id] = blob
        self.journal.clear()
        return changed

    def drop_indexes(self, name: str) -> None:
        """Forget the indexes of an object after its fields changed."""
        self.table(name).indexes.clear()
