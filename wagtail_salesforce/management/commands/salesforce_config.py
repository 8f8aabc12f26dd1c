"""`manage.py salesforce_config export|import|diff`: carry the set-up from one site to another."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from wagtail_salesforce.config_document import (
    PART_KEYS,
    Plan,
    export_document,
    import_document,
    preview_document,
)
from wagtail_salesforce.config_document.lines import lines
from wagtail_salesforce.config_document.text import MOST_BYTES
from wagtail_salesforce.management.contract import ContractCommand, Document, wrong_input
from wagtail_salesforce.replication.again import is_asked
from wagtail_salesforce.replication.models import ReplicationSettings


STDIN = "-"


class Command(ContractCommand):
    help = "Exports, imports or compares settings, attributes, form connections, scores, mappings."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Options may stand before FILE: for plain parsing it would be left out by then."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.parse_args = parser.parse_intermixed_args  # type: ignore[method-assign]
        return parser

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("direction", choices=["export", "import", "diff"])
        parser.add_argument(
            "file", nargs="?", metavar="FILE", help="export: without it stdout. Else: - is stdin."
        )
        parser.add_argument(
            "--part",
            action="append",
            choices=list(PART_KEYS),
            dest="parts",
            help="Only this part; may be given several times.",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="import: only say what would change, as diff does.",
        )

    def act(self, **options: Any) -> Document:
        self.plan: Plan | None = None
        self.to_stdout = options["direction"] == "export" and not options["file"]
        if options["direction"] == "export":
            return self._export(options)
        return self._import(options)

    def _export(self, options: dict[str, Any]) -> Document:
        if options["dry_run"]:
            raise wrong_input(_("--dry-run goes with import: an export changes nothing."))
        document = export_document(options["parts"])
        if options["file"]:
            text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
            self._write(Path(options["file"]), text)
        return document

    def _write(self, path: Path, text: str) -> None:
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise wrong_input(f"{path}: {error.strerror}.") from None
        self.stderr.write(_("Exported to %(path)s.") % {"path": path})

    def _import(self, options: dict[str, Any]) -> Document:
        file, dry = options["file"], options["dry_run"] or options["direction"] == "diff"
        if not file:
            raise wrong_input(_("Name the file to read, or - for stdin."))
        work = preview_document if dry else import_document
        self.plan = work(_read(file), options["parts"])
        if dry:
            self.stderr.write(_("Nothing was imported: this only says what would change."))
        else:
            self.stderr.write(_("Imported %(path)s.") % {"path": _name(file)})
            self._tell_of_leads()
        return {
            "state": "finished",
            "reason": None,
            "dry_run": dry,
            "changes": [change.as_json() for change in self.plan.changes],
            "kept": self.plan.kept,
            "drift": [each.as_json() for each in self.plan.drift],
        }

    def _tell_of_leads(self) -> None:
        if self.plan and self.plan.wants_resend and is_asked(ReplicationSettings.load()):
            text = _(
                "Leads that exist keep what they have until their contacts change. Decide on the "
                "Salesforce panel whether all of them are sent again."
            )
            self.stderr.write(text)

    def summary(self, document: Document) -> str:
        if self.plan:
            return "\n".join(lines(self.plan))
        return json.dumps(document, indent=2, ensure_ascii=False) if self.to_stdout else ""


def _read(file: str) -> bytes:
    """At most a little more than may be, so that the rest of a huge file is not read at all."""
    try:
        if file == STDIN:
            return sys.stdin.buffer.read(MOST_BYTES + 1)
        with Path(file).open("rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise wrong_input(f"{file}: {error.strerror}.") from None


def _name(file: str) -> str:
    return _("the document from stdin") if file == STDIN else file
