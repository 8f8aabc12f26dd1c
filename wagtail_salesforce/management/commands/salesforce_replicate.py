"""`manage.py salesforce_replicate`: replicate to the end, in the foreground."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.emails import email_key
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.exceptions import ConnectorError, Stopped
from wagtail_salesforce.management.contract import ContractCommand, Document
from wagtail_salesforce.replication.by_hand import ask_for, is_held_back
from wagtail_salesforce.replication.dry_run import dry_run
from wagtail_salesforce.replication.engine import Request, RunResult, replicate
from wagtail_salesforce.replication.models import Run
from wagtail_salesforce.replication.reconcile import reconcile


class Command(ContractCommand):
    help = "Replicates due contacts into Salesforce, slice by slice, until nothing is left."
    is_dry = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="Say what would happen; send and record nothing.",
        )
        parser.add_argument(
            "--contact",
            metavar="EMAIL",
            help="Only this contact, whatever its score; never without consent or when excluded.",
        )
        parser.add_argument(
            "--reconcile",
            action="store_true",
            help="First look for what slipped through and map every contact again.",
        )

    def act(self, **options: Any) -> Document:
        try:
            return self._result(options).as_json()
        except ConnectorError as error:
            return RunResult("stopped", error.code).as_json()

    def _result(self, options: dict[str, Any]) -> RunResult:
        self.is_dry = bool(options["dry_run"])
        contact_id = self._contact_id(options["contact"])
        request = Request(Run.Trigger.COMMAND, contact_id=contact_id)
        if options["dry_run"]:
            return dry_run(request, everything=options["reconcile"])
        if options["reconcile"]:
            reconcile(contact_id)
        if contact_id is not None:
            ask_for(contact_id)
        return replicate(request)

    def _contact_id(self, email: str | None) -> int | None:
        if email is None:
            return None
        key = email_key(email)
        contact = Contact.objects.filter(email_key=key).first() if key else None
        if contact is None:
            raise Stopped(code="unknown_contact")
        if is_held_back(contact.pk):
            raise Stopped(code="contact_held_back")
        return contact.pk

    def summary(self, document: Document) -> str:
        if self.is_dry and document["reason"]:
            # The numbers of a run that would stop are no forecast.
            return _("Nothing was sent, and a run would stop.")
        if self.is_dry:
            return _(
                "Nothing was sent. A run would create %(created)s, update %(updated)s, leave "
                "%(unchanged)s unchanged, suspend %(suspended)s and exclude %(excluded)s. "
                "Asking took %(api_calls)s API calls."
            ) % dict(document)
        counts = _(
            "Created %(created)s, updated %(updated)s, unchanged %(unchanged)s, suspended "
            "%(suspended)s, excluded %(excluded)s, with %(api_calls)s API calls."
        ) % dict(document)
        if not document["suspended"]:
            return counts
        where = _("Why contacts are suspended stands in the report Contacts that need attention.")
        return f"{counts}\n{where}"
