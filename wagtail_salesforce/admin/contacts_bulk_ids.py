"""The chosen contacts as the parameters of a job: ids and nothing else, in little space."""

from __future__ import annotations

import zlib
from array import array
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from itertools import accumulate, islice


#: So many contacts are worked on in one step of a job.
BLOCK = 500


def pack(ids: Iterable[int]) -> list[str]:
    """Ids in ascending order as short texts, BLOCK ids in each, for the parameters of a job.

    A job keeps ids and not the filters, which may hold what somebody typed about a person. A
    million of them take less than a megabyte.
    """
    return [_packed(block) for block in _blocks(iter(ids))]


def unpack(block: str) -> list[int]:
    """The ids of one text that `pack` has made."""
    return list(accumulate(array("Q", zlib.decompress(b64decode(block)))))


def _blocks(ids: Iterator[int]) -> Iterator[list[int]]:
    while block := list(islice(ids, BLOCK)):
        yield block


def _packed(block: list[int]) -> str:
    """The distances between neighbours, which are mostly small and alike."""
    distances = array("Q", (b - a for a, b in zip([0, *block], block, strict=False)))
    return b64encode(zlib.compress(distances.tobytes())).decode()
