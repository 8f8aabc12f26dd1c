"""What is the matter with a form connection, and what to do about it, in sentences."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_salesforce.contacts.connections import other_problems, used_fields
from wagtail_salesforce.contacts.models import FormConnection, LedgerEntry
from wagtail_salesforce.contacts.spam_conditions import Conditions


# A form that has not said for so long when it was shown may have lost the tag.
SILENCE = timedelta(days=2)
SUSPICIOUS = 3


def warnings(
    connection: FormConnection,
    present: Collection[str],
    types: Mapping[str, str],
    refused_since: int,
) -> Iterator[str]:
    """The warnings of a connection whose page exists.

    `present` are the form's fields, `types` those of the attributes by name, `refused_since` the
    number of submissions refused since the form last carried the moment at which it was shown.
    """
    if gone := [name for name in used_fields(connection) if name not in present]:
        yield _gone(gone)
    if unknown := sorted({*_attributes(connection)} - {*types}):
        text = _("These attributes no longer exist: %(names)s. Choose others for their fields.")
        yield text % {"names": ", ".join(unknown)}
    for problem in other_problems(connection, types):
        yield problem.message
    if Conditions.of(connection.conditions).seconds:
        yield from _stamps(connection, refused_since)


def refused_since_stamp(connection: FormConnection) -> int:
    """How many submissions were refused since the form last carried a stamp. One statement."""
    if not connection.stamp_seen_at:
        return 0
    refused = LedgerEntry.objects.filter(
        page_id=connection.page_id, state=LedgerEntry.State.REFUSED
    )
    return refused.filter(recorded_at__gt=connection.stamp_seen_at).count()


def _attributes(connection: FormConnection) -> Iterator[str]:
    for target in connection.fields.values():
        if "attribute" in target:
            yield target["attribute"]


def _gone(names: Collection[str]) -> str:
    text = ngettext(
        "The form was changed: %(names)s is no longer on it. Connect the field that took its "
        "place, and choose “Do not keep” for the old one.",
        "The form was changed: %(names)s are no longer on it. Connect the fields that took their "
        "place, and choose “Do not keep” for the old ones.",
        len(names),
    )
    return text % {"names": ", ".join(names)}


def _stamps(connection: FormConnection, refused_since: int) -> Iterator[str]:
    if connection.stamp_seen_at is None:
        yield _(
            "A least fill time is asked for, but no submission has ever said when the form was "
            "shown, so nothing is refused for it. Ask your developer to put the tag "
            "{% form_started %} into the form's template and the package's middleware into the "
            "settings; then submit the form once."
        )
    elif refused_since >= SUSPICIOUS and timezone.now() - connection.stamp_seen_at > SILENCE:
        text = _(
            "No submission has said for days when the form was shown, and %(number)d were refused "
            "since. If the tag {%% form_started %%} is no longer in the form's template, put it "
            "back, or take out the least fill time; then take the refused ones after all."
        )
        yield text % {"number": refused_since}
