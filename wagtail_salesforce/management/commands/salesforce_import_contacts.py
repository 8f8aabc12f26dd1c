"""`manage.py salesforce_import_contacts`: import a CSV file of contacts, in the foreground."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.importing.columns import (
    check_targets,
    field_labels,
    guess_targets,
)
from wagtail_salesforce.contacts.importing.files import (
    PIECE,
    checked_layout,
    forget,
    store,
)
from wagtail_salesforce.contacts.importing.options import (
    DATE_ORDERS,
    DELIMITERS,
    ENCODINGS,
    NUMBERS,
    Options,
)
from wagtail_salesforce.contacts.importing.problems import FileProblem
from wagtail_salesforce.contacts.importing.report import report
from wagtail_salesforce.contacts.importing.work import start_import
from wagtail_salesforce.contacts.models import Attribute, ContactImport
from wagtail_salesforce.exceptions import REASONS, Stopped
from wagtail_salesforce.jobs.models import Job
from wagtail_salesforce.jobs.run import run_job
from wagtail_salesforce.management.contract import ContractCommand, Document, wrong_input


COUNTS = ("created", "updated", "unchanged", "refused", "repeated", "notes")
FOREVER = 10.0 * 365 * 24 * 3600
LEFT_OUT = "-"


class Command(ContractCommand):
    help = "Imports contacts from a CSV file; contacts are recognised by their e-mail address."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE", help="The CSV file, or - for stdin.")
        parser.add_argument(
            "--dry-run", action="store_true", help="Say what would happen; change no contact."
        )
        parser.add_argument("--encoding", choices=list(ENCODINGS), help="Without it: UTF-8.")
        parser.add_argument("--delimiter", choices=[name for name in DELIMITERS if name])
        parser.add_argument("--dates", choices=list(DATE_ORDERS), default="day")
        parser.add_argument("--numbers", choices=[name for name in NUMBERS if name])
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="HEADER=FIELD",
            help="What a column fills: a contact field, an attribute, full_name, or - for nothing.",
        )
        parser.add_argument(
            "--overwrite", action="store_true", help="Also what is known already of a contact."
        )
        parser.add_argument(
            "--activity", action="store_true", help="Record an activity for each row."
        )
        parser.add_argument(
            "--report", metavar="FILE", help="Write the refused rows into this CSV file."
        )

    def act(self, **options: Any) -> Document:
        if options["report"]:
            _check_writable(options["report"])
        with _opened(options["file"]) as file:
            contact_import = store(_name(options["file"]), iter(lambda: file.read(PIECE), b""))
        try:
            self._prepare(contact_import, options)
            job = start_import(contact_import, dry_run=options["dry_run"], queue=False)
            _finish(job)
            if options["report"]:
                _write_report(contact_import, options["report"])
        finally:
            forget(contact_import)
        return _document(job, dry_run=options["dry_run"])

    def _prepare(self, contact_import: ContactImport, options: dict[str, Any]) -> None:
        chosen = Options(
            encoding=options["encoding"] or contact_import.options["encoding"],
            delimiter=options["delimiter"] or "",
            date_order=options["dates"],
            numbers=options["numbers"] or "",
            overwrite=options["overwrite"],
            record_activity=options["activity"],
        )
        header = checked_layout(contact_import, chosen).header
        contact_import.options = chosen.as_json()
        contact_import.targets = _targets(header, options["map"])
        contact_import.save()

    def summary(self, document: Document) -> str:
        if document["dry_run"]:
            return _(
                "This was a dry run: nothing was changed. An import would create %(created)s, "
                "update %(updated)s, leave %(unchanged)s unchanged and refuse %(refused)s of "
                "%(rows)s rows, with %(notes)s notes."
            ) % dict(document)
        return _(
            "Created %(created)s, updated %(updated)s, unchanged %(unchanged)s, refused "
            "%(refused)s of %(rows)s rows, with %(notes)s notes."
        ) % dict(document)


@contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    if path == "-":
        yield sys.stdin.buffer
        return
    try:
        file = Path(path).open("rb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise wrong_input(f"{path}: {error.strerror}.") from None
    with file:
        yield file


def _name(path: str) -> str:
    return _("standard input") if path == "-" else Path(path).name


class NoEmailColumn(FileProblem):
    """Nothing fills the address; the cure is an option here, and not a field of a page."""

    def __init__(self) -> None:
        super().__init__("no_email_column")

    @property
    def cure(self) -> str:
        return _("Say which column holds it with --map, such as --map Mail=email.")


def _targets(header: list[str], given: list[str]) -> list[str]:
    """The guess, with what `--map` says in its place; wrong input where that does not fit."""
    labels = dict(Attribute.objects.values_list("name", "label"))
    chosen = dict(_pair(text, header) for text in given)
    _check_known(chosen.values(), labels)
    taken = set(chosen.values())
    guess = guess_targets(header, labels)
    targets = [
        chosen.get(index, "" if target in taken else target) for index, target in enumerate(guess)
    ]
    for problem in check_targets(targets, labels):
        if problem.column is None:
            raise NoEmailColumn
        raise wrong_input(f"{header[problem.column]}: {problem.message}")
    return targets


def _pair(text: str, header: list[str]) -> tuple[int, str]:
    """The number of the column and its target, of a text such as "Mail=email"."""
    heading, equals, target = (part.strip() for part in text.rpartition("="))
    if not equals:
        raise wrong_input(_("Write --map as Header=field, such as --map Mail=email."))
    if header.count(heading) != 1:
        words = _("The file has %(count)s columns with the header “%(header)s”; there must be one.")
        raise wrong_input(words % {"count": header.count(heading), "header": heading})
    return header.index(heading), "" if target == LEFT_OUT else target


def _check_known(targets: Iterable[str], labels: Mapping[str, str]) -> None:
    known = [*field_labels(), *labels]
    for target in filter(None, targets):
        if target not in known:
            words = _("There is no field “%(name)s”. A column can fill: %(names)s, or - for none.")
            raise wrong_input(words % {"name": target, "names": ", ".join(known)})


def _finish(job: Job) -> None:
    """Do the work; wait for it where a worker of the queue was quicker to take it."""
    run_job(job.pk, seconds=FOREVER)
    job.refresh_from_db()
    while not job.is_over:
        time.sleep(1)
        job.refresh_from_db()


def _check_writable(path: str) -> None:
    """Before anything is imported: a report that cannot be written would come too late."""
    try:
        Path(path).open("a").close()
    except OSError as error:
        raise wrong_input(f"--report {path}: {error.strerror}.") from None


def _write_report(contact_import: ContactImport, path: str) -> None:
    try:
        with Path(path).open("w", encoding="utf-8", newline="") as file:
            file.writelines(report(contact_import))
    except OSError as error:
        raise wrong_input(f"{path}: {error.strerror}.") from None


def _document(job: Job, *, dry_run: bool) -> dict[str, Any]:
    if job.state != Job.State.FINISHED:
        raise Stopped(code=job.reason if job.reason in REASONS else "internal_error")
    counts = {name: job.counts.get(name, 0) for name in COUNTS}
    return {"state": "finished", "reason": None, "dry_run": dry_run, "rows": job.done, **counts}
