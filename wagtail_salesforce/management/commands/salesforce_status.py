"""`manage.py salesforce_status`: how the connection and replication stand."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_salesforce.management.contract import ContractCommand, Document, wrong_input
from wagtail_salesforce.replication.prometheus import as_text
from wagtail_salesforce.replication.status import status
from wagtail_salesforce.replication.wording import words_of


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
        return "\n".join(_lines(document))


def _lines(document: Document) -> Iterator[str]:
    """How things stand, and then what is to be looked after, each in a line with a mark."""
    yield _connection(document)
    yield _work(document)
    if document["last_run"]:
        yield _last_run(document["last_run"])
    yield from _incidents(document)
    yield from _problems(document)
    yield from _drift(document)


def _connection(document: Document) -> str:
    if not document["connected"]:
        return _("Not connected to a Salesforce organization.")
    words = _("Connected as %(user)s of %(org)s; API calls used: %(used)s of %(max)s.")
    used, most = document["api_calls_used"], document["api_calls_max"]
    return words % {**document, "used": "?" if used is None else used, "max": most or "?"}


def _work(document: Document) -> str:
    words = _("Contacts due: %(due)s, suspended: %(suspended)s, with a lead: %(replicated)s.")
    said = [words % {**document["links"], "due": document["due"]}]
    if document["due"]:
        said.append(_("Due since %(moment)s.") % {"moment": _moment(document["oldest_due"])})
    if document["in_bulk"]:
        said.append(_("Under way in Bulk jobs: %(in_bulk)s.") % document)
    if document["postponed"]:
        said.append(_("To be tried again later: %(postponed)s.") % document)
    return " ".join(said)


def _last_run(run: Document) -> str:
    if run["state"] == "running":
        return _("A run is under way, begun %(moment)s.") % {"moment": _moment(run["started"])}
    moment = _moment(run["finished"])
    if run["reason"]:
        words = _("The last run stopped %(moment)s. %(reason)s")
        return words % {"moment": moment, "reason": words_of(run["reason"]).text}
    return _("The last run finished %(moment)s.") % {"moment": moment}


def _incidents(document: Document) -> Iterator[str]:
    for incident in document["incidents"]:
        words = ngettext(
            "- %(runs)s run was stopped, %(began)s:",
            "- %(runs)s runs were stopped, the first %(began)s:",
            incident["runs"],
        ) % {"runs": incident["runs"], "began": _moment(incident["began"])}
        yield f"{words} {_sentences(incident['reason'], incident['runs'])}"


def _problems(document: Document) -> Iterator[str]:
    told = {incident["reason"] for incident in document["incidents"]}
    for code in document["problems"]:
        if code not in told:
            yield f"- {_sentences(code)}"


def _drift(document: Document) -> Iterator[str]:
    fields = dict.fromkeys(each["field"] for each in document["drift"])
    if fields:
        words = _("- Fields changed in Salesforce since the mapping was saved: %(names)s.")
        yield words % {"names": ", ".join(fields)}


def _sentences(code: str, runs: int = 0) -> str:
    reason = words_of(code, runs)
    return f"{reason.text} {reason.cure}"


def _moment(iso: str) -> str:
    """In the site's time zone, as terminals have room for it."""
    return f"{localtime(datetime.fromisoformat(iso)):%Y-%m-%d %H:%M}"
