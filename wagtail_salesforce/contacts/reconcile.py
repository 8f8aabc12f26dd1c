"""Finds submissions that could not be captured when they arrived, and captures them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.apps import apps
from django.db import models

from wagtail_salesforce.contacts.attempts import in_one_piece
from wagtail_salesforce.contacts.ledger import (
    Key,
    Outcome,
    State,
    not_on_ledger,
    root_model,
    waiting_keys,
)
from wagtail_salesforce.contacts.models import FormConnection
from wagtail_salesforce.contacts.retrying import (
    number_fields,
    retry,
    set_aside,
    stored_submission,
)
from wagtail_salesforce.contacts.submissions import take


CHUNK = 1000


@dataclass(frozen=True)
class Reconciled:
    """How many submissions came to which end; `more`: some are still not on the ledger."""

    captured: int = 0
    refused: int = 0
    waiting: int = 0
    more: bool = False


def reconcile(limit: int = CHUNK) -> Reconciled:
    """Capture what is not on the ledger, and what waits there; at most `limit` of each.

    Only submissions made since their form was connected are looked for: a new connection does
    not import the past. Doing it twice, or beside visitors, doubles nothing.
    """
    waiting = waiting_keys(limit)
    found = list(islice(missing(), limit + 1))
    outcomes = [take_stored(key) for key in found[:limit]] + [retry(key) for key in waiting]
    states = [outcome.state for outcome in outcomes if outcome]
    return Reconciled(
        captured=states.count(State.CAPTURED),
        refused=states.count(State.REFUSED),
        waiting=states.count(State.WAITING),
        more=len(found) > limit,
    )


def missing() -> Iterator[Key]:
    """The submissions to connected forms that are not on the ledger, of every model.

    Read by key in chunks of 1,000, two statements each: ids are compared as text, which
    databases write in different ways, so it is not left to one anti-join.
    """
    rows = FormConnection.objects.filter(enabled=True).values_list("page_id", "created_at")
    since = dict(rows)
    if since:
        for model in submission_models():
            for chunk in _chunks(model, since):
                yield from not_on_ledger(chunk)


def submission_models() -> list[type[models.Model]]:
    """Every concrete submission model of the site, without proxies and children."""
    from wagtail.contrib.forms.models import AbstractFormSubmission

    return [
        model
        for model in apps.get_models()
        if issubclass(model, AbstractFormSubmission) and root_model(model) is model
    ]


def _chunks(model: type[models.Model], since: dict[int, datetime]) -> Iterator[list[Key]]:
    submissions = model._base_manager.order_by("pk").filter(
        page_id__in=list(since), submit_time__gte=min(since.values())
    )
    label, last = model._meta.label_lower, None
    while True:
        page = submissions if last is None else submissions.filter(pk__gt=last)
        rows = list(page.values_list("pk", "page_id", "submit_time")[:CHUNK])
        yield [Key(label, str(pk), on) for pk, on, made in rows if made >= since[on]]
        if len(rows) < CHUNK:
            return
        last = rows[-1][0]


def take_stored(key: Key) -> Outcome | None:
    """Capture a submission that is stored; never raises. None when it is on the ledger already,
    or gone, or its form is not connected."""
    submission: Any = stored_submission(key.model, key.id)
    if submission is None:
        return None
    try:
        numbers = number_fields(submission.page_id)
        return in_one_piece(lambda attempt: take(submission, attempt, numbers))
    except Exception as error:  # noqa: BLE001 - one bad submission must not stop the others
        return set_aside(key, error, again=False)
