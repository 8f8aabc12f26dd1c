"""`manage.py salesforce_config export|import`: carry the set-up from one site to another."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from wagtail_salesforce.config_document import export_document, import_document
from wagtail_salesforce.exceptions import InvalidDocument, Problem
from wagtail_salesforce.management.contract import ContractCommand, Document, wrong_input


class Command(ContractCommand):
    help = "Exports or imports settings, attributes, form connections, scores and the mapping."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("direction", choices=["export", "import"])
        parser.add_argument("file", nargs="?", metavar="FILE", help="Without it: stdout.")

    def act(self, **options: Any) -> Document:
        self.to_stdout = options["direction"] == "export" and not options["file"]
        if options["direction"] == "export":
            return self._export(options["file"])
        if not options["file"]:
            raise wrong_input(_("Name the file to import."))
        return self._import(Path(options["file"]))

    def _export(self, file: str | None) -> Document:
        document = export_document()
        if file:
            text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
            self._write(Path(file), text)
        return document

    def _write(self, path: Path, text: str) -> None:
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise wrong_input(f"{path}: {error.strerror}.") from None
        self.stderr.write(_("Exported to %(path)s.") % {"path": path})

    def _import(self, path: Path) -> Document:
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise wrong_input(f"{path}: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise InvalidDocument([Problem("", "The file is not UTF-8 text.")]) from None
        import_document(text)
        self.stderr.write(_("Imported %(path)s.") % {"path": path})
        return {"state": "finished", "reason": None}

    def summary(self, document: Document) -> str:
        return json.dumps(document, indent=2, ensure_ascii=False) if self.to_stdout else ""
