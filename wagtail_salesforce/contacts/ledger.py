"""The ledger of submissions: what became of each, and which have to be tried again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.emails import email_key
from wagtail_salesforce.contacts.models import FormConnection, LedgerEntry


State = LedgerEntry.State
# The `submission_model` of what `capture()` was called with.
CALL = "capture"


@dataclass(frozen=True)
class Outcome:
    """What became of one submission; `reason` is a plain text without personal values."""

    state: LedgerEntry.State
    reason: str = ""
    contact_id: int | None = None


@dataclass(frozen=True)
class Key:
    """Which submission: its model ("app.model"), its id as text, and its page."""

    model: str
    id: str
    page_id: int | None = None

    @classmethod
    def of(cls, submission: models.Model) -> Key:
        model = root_model(type(submission))
        return cls(model._meta.label_lower, str(submission.pk), submission.page_id)  # type: ignore[attr-defined]


def root_model(model: type[models.Model]) -> type[models.Model]:
    """The model whose table holds every submission of this kind, also those of its children.

    With multi-table inheritance one submission has a row in two tables; it is one all the same.
    A proxy's parent is its model.
    """
    from wagtail.contrib.forms.models import AbstractFormSubmission

    for parent in model._meta.parents:
        if issubclass(parent, AbstractFormSubmission):
            return root_model(parent)
    return model


def is_settled(key: Key) -> bool:
    """Whether the submission is on the ledger already."""
    return _entries(key).exists()


def _entries(key: Key) -> QuerySet[LedgerEntry]:
    """The one entry of a submission, found by the unique key alone: MySQL locks every row that
    it looks at, so that a search by state as well would lock those of other people."""
    return LedgerEntry.objects.filter(submission_model=key.model, submission_id=key.id)


def enter(key: Key, outcome: Outcome, evidence: dict[str, Any] | None = None) -> None:
    """Put a submission on the ledger. IntegrityError when somebody else has just done so.

    `evidence` of spam is kept for a submission that has to wait.
    """
    new_entry(key, outcome, evidence).save(force_insert=True)


def new_entry(key: Key, outcome: Outcome, evidence: dict[str, Any] | None = None) -> LedgerEntry:
    """The entry of a submission, not saved."""
    return LedgerEntry(
        submission_model=key.model,
        submission_id=key.id,
        page_id=key.page_id,
        contact_id=outcome.contact_id,
        state=outcome.state,
        reason=_fitting(outcome.reason),
        payload=evidence if outcome.state == State.WAITING else None,
    )


def settle(entry: LedgerEntry, outcome: Outcome) -> None:
    """Record what became of a submission that waited."""
    entry.state, entry.reason = outcome.state, _fitting(outcome.reason)
    entry.contact_id = outcome.contact_id
    entry.attempts += 1
    if outcome.state != State.WAITING:
        entry.payload = None
    entry.save(update_fields=["state", "reason", "contact_id", "attempts", "payload"])


def waiting_because(error: Exception) -> Outcome:
    """The outcome that something waits because of an error, whose name is the reason."""
    text = _("An error stopped it (%(error)s). It is tried again every day.")
    return Outcome(State.WAITING, text % {"error": type(error).__name__})


def set_aside(key: Key, error: Exception, payload: dict[str, Any] | None = None) -> None:
    """Let a submission wait because of an error, whose name is the reason.

    An entry that is not waiting any more is left alone: somebody else was luckier.
    """
    reason = _fitting(waiting_because(error).reason)
    fresh: dict[str, Any] = {"page_id": key.page_id, "state": State.WAITING, "payload": payload}
    entry, _created = LedgerEntry.objects.get_or_create(
        submission_model=key.model, submission_id=key.id, defaults=fresh
    )
    waiting = LedgerEntry.objects.filter(pk=entry.pk, state=State.WAITING)
    waiting.update(attempts=F("attempts") + 1, reason=reason)


def not_on_ledger(keys: Sequence[Key]) -> list[Key]:
    """Those of the submissions, all of one model, that are not on the ledger. One statement."""
    if not keys:
        return []
    entries = LedgerEntry.objects.filter(submission_model=keys[0].model)
    ids = [key.id for key in keys]
    known = set(entries.filter(submission_id__in=ids).values_list("submission_id", flat=True))
    return [key for key in keys if key.id not in known]


def waiting_entry(key: Key) -> LedgerEntry | None:
    """The entry, locked, if the submission is still waiting."""
    entry = _entries(key).select_for_update().first()
    return entry if entry and entry.state == State.WAITING else None


def waiting_keys(limit: int) -> list[Key]:
    """The submissions that wait, those tried least often first. One statement.

    Those of a form connection that is switched off now go on waiting.
    """
    switched_off = FormConnection.objects.filter(enabled=False).values("page_id")
    entries = LedgerEntry.objects.filter(state=State.WAITING)
    entries = entries.exclude(page_id__isnull=False, page_id__in=switched_off)
    rows = entries.order_by("attempts", "id").values_list(
        "submission_model", "submission_id", "page_id"
    )
    return [Key(*row) for row in rows[:limit]]


def forget(contact_ids: Collection[int], email_keys: Collection[str]) -> None:
    """Contacts are about to go: let their entries tell nothing of them; three statements.

    The entries stay, so that no submission is captured once more. Calls of `capture()` that wait
    and carry one of these e-mail addresses would make the person known again, and are deleted.
    """
    entries = LedgerEntry.objects.filter(contact_id__in=contact_ids)
    entries.update(contact_id=None, payload=None, reason="")
    if email_keys:
        LedgerEntry.objects.filter(pk__in=waiting_calls(email_keys)).delete()


def waiting_calls(email_keys: Collection[str]) -> list[int]:
    """The entries of waiting calls of `capture()` that carry one of these addresses."""
    calls = LedgerEntry.objects.filter(submission_model=CALL, state=State.WAITING)
    rows = calls.order_by("pk").values_list("pk", "payload__email").iterator()
    return [pk for pk, email in rows if email and email_key(email) in email_keys]


def _fitting(reason: str) -> str:
    return reason[: LedgerEntry._meta.get_field("reason").max_length]
