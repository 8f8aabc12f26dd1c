"""The kinds of activities: those built in, those a site's code registers, those of editors.

The name of a type is what activities, rules and documents hold; a row of `ActivityType` gives
it a label for editors. A name used for the first time gets its row by itself.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


FORM_SUBMISSION = "form_submission"
PAGE_VISIT = "page_visit"

_registered: dict[str, str | Promise] = {
    FORM_SUBMISSION: gettext_lazy("Form submission"),
    PAGE_VISIT: gettext_lazy("Page visit"),
}
# Names that certainly have a row, so that recording the next activity asks no database.
_with_row: set[str] = set()


def register(name: str, label: str | Promise) -> None:
    """Make a type of the site's own known in code; call it from an app's `ready()`.

    Raises ValueError when the name is not made of lower-case letters, digits and underscores.
    """
    check_name(name)
    _registered[name] = label


def is_registered(name: str) -> bool:
    """Whether the type is built in or registered by code, and so needs no row."""
    return name in _registered


def labels() -> dict[str, str]:
    """The label of every type by its name: code's first, then those of editors. One statement."""
    from wagtail_salesforce.contacts.models import ActivityType

    rows = dict(ActivityType.objects.values_list("name", "label"))
    return {name: str(label) for name, label in _registered.items()} | {
        name: label for name, label in rows.items() if name not in _registered
    }


def check_name(name: str) -> None:
    """ValueError naming the cure when this cannot be the name of an activity type."""
    from wagtail_salesforce.contacts.models import name_validator

    try:
        name_validator(name if isinstance(name, str) else "")
    except ValidationError:
        raise ValueError(
            _("The activity type must be lower-case letters, digits and underscores.")
        ) from None


def ensure(name: str) -> None:
    """See to it that a valid name has a row, unless code knows it. Mostly costs nothing."""
    from wagtail_salesforce.contacts.models import ActivityType

    if name in _registered or name in _with_row:
        return
    label = name.replace("_", " ").capitalize()
    ActivityType.objects.get_or_create(name=name, defaults={"label": label})
    # Only what is committed is certain: the caller's transaction may yet be undone.
    transaction.on_commit(lambda: _with_row.add(name))
