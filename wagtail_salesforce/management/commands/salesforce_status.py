"""`manage.py salesforce_status`: how the connection and replication stand."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from wagtail_salesforce.exceptions import REASONS
from wagtail_salesforce.management.contract import ContractCommand, Document
from wagtail_salesforce.replication.status import status


class Command(ContractCommand):
    help = "Says how the connection and replication stand, without an API call."

    def act(self, **options: Any) -> Document:
        return status()

    def summary(self, document: Document) -> str:
        return "\n".join([self._connection(document), self._work(document), *_problems(document)])

    def _connection(self, document: Document) -> str:
        if not document["connected"]:
            return _("Not connected to a Salesforce organization.")
        words = _("Connected as %(user)s of %(org)s; API calls used: %(used)s of %(max)s.")
        used, most = document["api_calls_used"], document["api_calls_max"]
        return words % {**document, "used": used or 0, "max": most or "?"}

    def _work(self, document: Document) -> str:
        words = _("Contacts due: %(due)s, suspended: %(suspended)s, with a lead: %(replicated)s.")
        return words % {**document["links"], "due": document["due"]}


def _problems(document: Document) -> list[str]:
    reasons = (REASONS[code] for code in document["problems"])
    return [f"- {reason.text} {reason.cure}" for reason in reasons]
