"""`manage.py salesforce_replicate`: replicate to the end, in the foreground."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from wagtail_salesforce.contacts.emails import email_key
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.exceptions import ConnectorError, Stopped
from wagtail_salesforce.management.contract import (
    ContractCommand,
    Document,
    Refusal,
    sentence_of,
)
from wagtail_salesforce.replication.by_hand import (
    ask_for,
    check_chosen,
    is_held_back,
    is_kept_as_it_is,
)
from wagtail_salesforce.replication.dry_run import dry_run
from wagtail_salesforce.replication.engine import Request, RunResult, replicate
from wagtail_salesforce.replication.extensions import last_failure
from wagtail_salesforce.replication.models import Run
from wagtail_salesforce.replication.reconcile import reconcile
from wagtail_salesforce.replication.status import under_way
from wagtail_salesforce.replication.wording import ended_by, words_of


COUNTS = {
    "created": gettext_lazy("created %(count)s"),
    "updated": gettext_lazy("updated %(count)s"),
    "unchanged": gettext_lazy("unchanged %(count)s"),
    "suspended": gettext_lazy("suspended %(count)s"),
    "excluded": gettext_lazy("excluded %(count)s"),
}


class Command(ContractCommand):
    help = "Replicates due contacts into Salesforce, slice by slice, until nothing is left."
    is_dry = False
    #: What an error said of itself, which may be more than its code does.
    why = ""
    contact_id: int | None = None

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
            result = self._result(options)
        except ConnectorError as error:
            self.why = sentence_of(error)
            result = RunResult("stopped", error.code)
        # A run that found its work in other hands has come to nothing, and says who does it.
        return {**result.as_json(), "under_way": under_way(self.contact_id)}

    def _result(self, options: dict[str, Any]) -> RunResult:
        self.is_dry = bool(options["dry_run"])
        self.contact_id = contact_id = self._contact_id(options["contact"])
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
        if is_kept_as_it_is(contact.pk):
            raise Stopped(code="updates_off")
        check_chosen(contact.pk)
        return contact.pk

    def _outcome(self, options: dict[str, Any]) -> tuple[Document, CommandError | None]:
        document, refusal = super()._outcome(options)
        if refusal is None or isinstance(document, Refusal):
            return document, refusal
        words = [self.why or _why(document, str(refusal)) + _failed(document)]
        if not self.is_dry:
            words += _came_to(document)
        return document, CommandError("\n".join(words))

    def summary(self, document: Document) -> str:
        if self.is_dry and document["reason"]:
            # The numbers of a run that would stop are no forecast.
            return _("Nothing was sent, and a run would stop.")
        if self.is_dry:
            return _(
                "Nothing was sent. A run would create %(created)s, update %(updated)s, leave "
                "%(unchanged)s unchanged, suspend %(suspended)s and exclude %(excluded)s. "
                "Asking took %(calls)s."
            ) % {**document, "calls": _calls(document)}
        if document["reason"]:
            # What it has done until then stands below the reason.
            return ""
        counts = _(
            "Created %(created)s, updated %(updated)s, unchanged %(unchanged)s, suspended "
            "%(suspended)s, excluded %(excluded)s, with %(calls)s."
        ) % {**document, "calls": _calls(document)}
        return "\n".join([counts, *_notes(document)])


def _why(document: Document, refusal: str) -> str:
    """The reason's words; of a lost authorization those of what has ended it."""
    if document["reason"] != "not_authorized" or not ended_by():
        return refusal
    reason = words_of("not_authorized")
    return f"{reason.text} {reason.cure}"


def _calls(document: Document) -> str:
    words = ngettext("%(calls)s API call", "%(calls)s API calls", document["api_calls"])
    return words % {"calls": document["api_calls"]}


def _failed(document: Document) -> str:
    """The function of the site's own code that has ended the run."""
    name = last_failure() if document["reason"] == "extension_failed" else ""
    return " " + _("The function is %(name)s.") % {"name": name} if name else ""


def _came_to(document: Document) -> Iterator[str]:
    """What a run did before it stopped, without what did not happen."""
    found = [words % {"count": document[name]} for name, words in COUNTS.items() if document[name]]
    if found:
        words = _("Before that: %(counts)s, with %(calls)s.")
        yield words % {"counts": ", ".join(found), "calls": _calls(document)}
    yield from _notes(document)


def _notes(document: Document) -> Iterator[str]:
    """What to know of the contacts that did not get through."""
    if document["under_way"]:
        words = ngettext(
            "%(count)s contact is under way in a Bulk job or with another worker.",
            "%(count)s contacts are under way in Bulk jobs or with other workers.",
            document["under_way"],
        ) % {"count": document["under_way"]}
        later = _("What becomes of them is recorded by the runs that have them, or by the next.")
        yield f"{words} {later}"
    if document["postponed"]:
        words = _("Postponed: %(postponed)s. These are tried again later by themselves.")
        yield words % dict(document)
    if document["suspended"]:
        yield _("Why contacts are suspended stands in the report Contacts that need attention.")
