"""`manage.py salesforce_status`: how the connection and replication stand."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from wagtail_salesforce.exceptions import REASONS
from wagtail_salesforce.management.contract import ContractCommand, Document, wrong_input
from wagtail_salesforce.replication.prometheus import as_text
from wagtail_salesforce.replication.status import status


class Command(ContractCommand):
    help = "Says how the connection and replication stand, without an API call."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--format",
            choices=["text", "prometheus"],
            default="text",
            help="Print sentences, or metrics for Prometheus.",
        )

    def act(self, **options: Any) -> Document:
        self.format = options["format"]
        if options["json"] and self.format != "text":
            raise wrong_input(_("Use either --json or --format, not both."))
        return status()

    def summary(self, document: Document) -> str:
        if self.format == "prometheus":
            return as_text(document).rstrip("\n")
        return "\n".join([self._connection(document), self._work(document), *_problems(document)])

    def _connection(self, document: Document) -> str:
        if not document["connected"]:
            return _("Not connected to a Salesforce organization.")
        words = _("Connected as %(user)s of %(org)s; API calls used: %(used)s of %(max)s.")
        used, most = document["api_calls_used"], document["api_calls_max"]
        return words % {**document, "used": "?" if used is None else used, "max": most or "?"}

    def _work(self, document: Document) -> str:
        words = _("Contacts due: %(due)s, suspended: %(suspended)s, with a lead: %(replicated)s.")
        said = words % {**document["links"], "due": document["due"]}
        if not document["postponed"]:
            return said
        later = _("To be tried again later: %(postponed)s.") % document
        return f"{said} {later}"


def _problems(document: Document) -> list[str]:
    reasons = (REASONS[code] for code in document["problems"])
    return [f"- {reason.text} {reason.cure}" for reason in reasons]
