"""What is done to all the records of one call of the client."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from wagtail_salesforce.results import RowResult
from wagtail_salesforce.salesforce.collections import CHUNK_SIZE, Chunk, Kind, Record


@dataclass(frozen=True)
class Order:
    """`external_id_field` is for an upsert; `headers` go with every REST call and subrequest."""

    kind: Kind
    object_name: str
    external_id_field: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def repeatable(self) -> bool:
        """Whether doing it twice comes to the same as doing it once."""
        return self.kind != "insert"

    @property
    def key(self) -> str:
        """The field that tells which record is meant; "" for an insert."""
        return "" if self.kind == "insert" else self.external_id_field or "Id"

    def chunks(self, records: Sequence[Record]) -> list[Chunk]:
        """The records in portions of one Collections call each."""
        starts = range(0, len(records), CHUNK_SIZE)
        return [self._chunk(records[start : start + CHUNK_SIZE]) for start in starts]

    def _chunk(self, records: Sequence[Record]) -> Chunk:
        return Chunk(self.kind, self.object_name, self.external_id_field, records)


def windows(records: Iterator[Record], size: int) -> Iterator[list[Record]]:
    """The records in lists of `size`, each made when it is asked for."""
    while window := list(islice(records, size)):
        yield window


def in_order(parts: Iterable[list[RowResult]]) -> list[RowResult]:
    """All results. Any exception, the caller's own too, carries those so far as `results`."""
    results: list[RowResult] = []
    try:
        for part in parts:
            results += part
    except BaseException as error:
        error.results = (*results, *getattr(error, "results", ()))  # type: ignore[attr-defined]
        raise
    return results
