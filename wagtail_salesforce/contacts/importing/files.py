"""Keeps uploaded files in the database, where every machine of a site finds them, and deletes them.

A file holds personal data: it never lies under MEDIA, and a job deletes it after a week; what the
job has missed, the daily check deletes.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.importing.layout import (
    SAMPLE,
    Layout,
    Opener,
    codec_of,
    encoding_of,
    head_of,
    layout_of,
)
from wagtail_salesforce.contacts.importing.lines import wrong_encoding
from wagtail_salesforce.contacts.importing.options import Options
from wagtail_salesforce.contacts.importing.problems import FileProblem
from wagtail_salesforce.contacts.models import (
    ContactImport,
    ImportedAddress,
    ImportPiece,
    ImportRefusal,
)
from wagtail_salesforce.jobs import Step, start
from wagtail_salesforce.jobs.models import Job


FORGET = "forget_import"
PIECE = 512 * 1024
MEGABYTE = 1024 * 1024
#: The largest file that is taken, in bytes.
MOST_BYTES = 200 * MEGABYTE
KEPT = timedelta(days=7)


@transaction.atomic
def store(name: str, chunks: Iterable[bytes], user: Any = None) -> ContactImport:
    """Keep a file, to be deleted after a week. Raises FileProblem when it is empty or too large."""
    contact_import = ContactImport.objects.create(name=name[:200], uploaded_by=user)
    feeds = 0
    for number, piece in enumerate(_pieces(chunks)):
        if number == 0:
            options = Options(encoding=encoding_of(piece[:SAMPLE]))
            contact_import.options = options.as_json()
        contact_import.size += len(piece)
        if contact_import.size > MOST_BYTES:
            raise too_large()
        feeds += piece.count(b"\n") or piece.count(b"\r")
        ImportPiece.objects.create(contact_import=contact_import, number=number, data=piece)
    if not contact_import.size:
        raise FileProblem("empty_file")
    contact_import.lines = feeds
    contact_import.save()
    start(FORGET, {"import": contact_import.pk}, at=timezone.now() + KEPT)
    return contact_import


def too_large() -> FileProblem:
    """The file has more bytes than are taken."""
    text = _("The file is larger than %(most)s MB.")
    return FileProblem("file_too_large", text % {"most": MOST_BYTES // MEGABYTE})


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of one size, the last as long as it is."""
    kept = bytearray()
    for chunk in chunks:
        kept += chunk
        while len(kept) >= PIECE:
            yield bytes(kept[:PIECE])
            del kept[:PIECE]
    if kept:
        yield bytes(kept)


def opener(contact_import: ContactImport) -> Opener:
    """Opens the stored file at any byte; one piece is in memory at a time."""

    def opened(offset: int) -> Iterator[bytes]:
        number, inside = divmod(offset, PIECE)
        pieces = ImportPiece.objects.filter(contact_import=contact_import)
        while (
            data := pieces.filter(number=number).values_list("data", flat=True).first()
        ) is not None:
            yield bytes(data)[inside:]
            number, inside = number + 1, 0

    return opened


def layout_for(contact_import: ContactImport, options: Options) -> Layout:
    """How to read the stored file. Raises FileProblem when it cannot be imported as it is."""
    if contact_import.forgotten_at:
        raise FileProblem("file_missing")
    return layout_of(opener(contact_import), options)


def check_encoding(contact_import: ContactImport, options: Options) -> None:
    """Raises FileProblem naming the first line that is not in the chosen encoding.

    The whole file is read the first time; the answer is remembered.
    """
    opened = opener(contact_import)
    if options.encoding not in contact_import.checks:
        codec, skipped = codec_of(head_of(opened), options.encoding)
        line = first_bad_line(opened(skipped), codec)
        contact_import.checks[options.encoding] = line
        contact_import.save(update_fields=["checks"])
    if line := contact_import.checks[options.encoding]:
        raise wrong_encoding(line)


def checked_layout(contact_import: ContactImport, options: Options) -> Layout:
    """How to read the stored file, which is sure to be readable in this way and to have rows.

    Raises FileProblem otherwise.
    """
    if contact_import.forgotten_at:
        raise FileProblem("file_missing")
    check_encoding(contact_import, options)
    layout = layout_for(contact_import, options)
    if next(layout.records(opener(contact_import)), None) is None:
        raise FileProblem("no_rows")
    return layout


def first_bad_line(chunks: Iterable[bytes], codec: str) -> int:
    """The number of the first line that cannot be decoded, or 0."""
    decoder = codecs.getincrementaldecoder(codec)("strict")
    line = 1
    try:
        for chunk in chunks:
            line += _feeds(decoder.decode(chunk))
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return line + _feeds(error.object[: error.start].decode(codec))
    return 0


def _feeds(text: str) -> int:
    return text.count("\n") or text.count("\r")


def forget(contact_import: ContactImport) -> None:
    """Delete the file, the refused rows and what else is known of people; the counts stay."""
    for model in (ImportPiece, ImportRefusal, ImportedAddress):
        model.objects.filter(contact_import=contact_import).delete()
    contact_import.forgotten_at = timezone.now()
    contact_import.save(update_fields=["forgotten_at"])


def forget_old() -> int:
    """Delete every file that is older than a week, whatever became of its job; how many."""
    before = timezone.now() - KEPT
    old = ContactImport.objects.filter(forgotten_at=None, created_at__lt=before)
    found = [each for each in old.select_related("job") if not each.is_running]
    for contact_import in found:
        forget(contact_import)
    return len(found)


def forget_in_time(job: Job, cursor: Any) -> Step:
    """The job that deletes a file whose time has come, unless it is being imported just now."""
    contact_import = ContactImport.objects.filter(pk=job.parameters["import"]).first()
    if contact_import is None or contact_import.forgotten_at:
        return Step(finished=True)
    if contact_import.is_running:
        start(FORGET, job.parameters, at=timezone.now() + timedelta(days=1))
        return Step(finished=True)
    forget(contact_import)
    return Step(done=1, counts={"deleted": 1}, finished=True)
