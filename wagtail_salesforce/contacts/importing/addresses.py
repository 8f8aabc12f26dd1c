"""Finds stored import files that name somebody, so that nothing of an erased person is kept."""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Iterable, Iterator

from wagtail_salesforce.contacts.emails import email_key
from wagtail_salesforce.contacts.importing.files import forget
from wagtail_salesforce.contacts.importing.layout import BOMS
from wagtail_salesforce.contacts.models import ContactImport, ImportPiece, ImportRefusal


#: What an address can be cut off by at the end of a piece, in characters.
OVERLAP = 600
_ADDRESS = re.compile(r'[^\s,;:"<>()\[\]@\0]{1,254}@[^\s,;:"<>()\[\]@\0]{1,254}')
_UNUSUAL = re.compile(r'[\s,;:"<>()\[\]]')


def imports_naming(email_keys: Collection[str]) -> list[int]:
    """The imports whose stored file holds one of these addresses in any cell, whatever its case.

    Reads every stored file, so call it before anything is locked. One statement when there is none.
    """
    keys = set(email_keys)
    if not keys:
        return []
    kept = ContactImport.objects.filter(forgotten_at=None).order_by("pk")
    return [pk for pk in kept.values_list("pk", flat=True) if _is_named(keys, pk)]


def forget_imports(import_ids: Iterable[int]) -> None:
    """Delete these files with their refused rows; a run that is under way then stops."""
    held = ContactImport.objects.select_for_update().filter(pk__in=import_ids, forgotten_at=None)
    for contact_import in held.order_by("pk"):
        forget(contact_import)


def refused_rows(email_key_: str | None) -> Iterator[ImportRefusal]:
    """The refused rows that are still kept and hold this address in a cell."""
    rows = (
        ImportRefusal.objects.filter(is_note=False) if email_key_ else ImportRefusal.objects.none()
    )
    for row in rows.order_by("pk").iterator():
        if names({email_key_ or ""}, "\n".join(row.cells)):
            yield row


def names(keys: set[str], text: str) -> bool:
    """Whether a text holds one of these addresses."""
    for found in _ADDRESS.findall(text):
        if not keys.isdisjoint({email_key(found), email_key(found.strip(".'"))}):
            return True
    unusual = [key for key in keys if _UNUSUAL.search(key)]
    folded = text.casefold() if unusual else ""
    return any(key in folded or key.replace('"', '""') in folded for key in unusual)


def _is_named(keys: set[str], import_id: int) -> bool:
    return any(names(keys, text) for text in _texts(import_id))


def _texts(import_id: int) -> Iterator[str]:
    """The file as text, piece by piece with an overlap, in each encoding that it may have."""
    pieces = ImportPiece.objects.filter(contact_import=import_id).order_by("number")
    readers: list[_Reader] = []
    for piece in pieces.values_list("data", flat=True).iterator(chunk_size=1):
        data = bytes(piece)
        readers = readers or [_Reader(codec) for codec in _codecs(data)]
        # All encodings but UTF-16 agree on what is ASCII.
        for reader in readers[:1] if data.isascii() else readers:
            yield reader.read(data)


def _codecs(head: bytes) -> list[str]:
    """What the file may be written in. UTF-16 without a mark shows as ASCII with NULs between."""
    marked = [codec for bom, name, codec in BOMS if name == "utf-16" and head.startswith(bom)]
    if not marked and b"\0" in head[:OVERLAP]:
        marked = ["utf-16-le", "utf-16-be"]
    return marked or ["utf-8", "cp1252"]


class _Reader:
    """Decodes one piece after the other, whatever does not fit."""

    def __init__(self, codec: str) -> None:
        self._decoder = codecs.getincrementaldecoder(codec)("replace")
        self._rest = ""

    def read(self, data: bytes) -> str:
        text = self._rest + self._decoder.decode(data)
        self._rest = text[-OVERLAP:]
        return text
