"""The sentences about fields that have changed; each stands after the name of its field."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_salesforce.mapping import numbers
from wagtail_salesforce.mapping.type_names import type_name
from wagtail_salesforce.salesforce.describe import EXTERNAL_ID_LENGTH, FieldDescribe


#: More names than this make a sentence unreadable.
_NAMED = 10


def removed() -> str:
    return _("It is gone, or the integration user may not see it any more.")


def read_only() -> str:
    return _("It cannot be filled any more: it has become read-only or calculated.")


def type_changed(before: FieldDescribe, now: FieldDescribe) -> str:
    return _("Its type was %(before)s and is now %(now)s.") % {
        "before": type_name(before.type),
        "now": type_name(now.type),
    }


def shortened(before: FieldDescribe, now: FieldDescribe) -> str:
    return _("It took %(before)d characters and now takes %(now)d.") % {
        "before": before.length,
        "now": now.length,
    }


def fewer_digits(before: FieldDescribe, now: FieldDescribe) -> str:
    return _(
        "It took %(before)d digits before and %(before_scale)d after the decimal point, and now "
        "takes %(now)d and %(now_scale)d."
    ) % {
        "before": numbers.whole_digits(before),
        "before_scale": numbers.scale(before),
        "now": numbers.whole_digits(now),
        "now_scale": numbers.scale(now),
    }


def made_restricted(now: FieldDescribe) -> str:
    return ngettext(
        "It takes only its own %(count)d value now: contacts with another one are suspended.",
        "It takes only its own %(count)d values now: contacts with another one are suspended.",
        len(now.active_values),
    ) % {"count": len(now.active_values)}


def values_removed(gone: Sequence[str]) -> str:
    names = ", ".join(gone[:_NAMED])
    if len(gone) > _NAMED:
        names = f"{names}, …"
    return ngettext(
        "%(count)d value of its list is gone: %(names)s.",
        "%(count)d values of its list are gone: %(names)s.",
        len(gone),
    ) % {"count": len(gone), "names": names}


def made_required() -> str:
    return _("Salesforce requires it now: contacts without a value are suspended.")


def newly_required() -> str:
    return _("Salesforce requires it now, but nothing fills it.")


def identifier_lost(before: FieldDescribe, now: FieldDescribe) -> str:
    """Why a field serves as the external identifier no longer, everything that is missing."""
    lead = _("It cannot be the external identifier any more.")
    return " ".join([lead, *_missing(before, now)])


def _missing(before: FieldDescribe, now: FieldDescribe) -> Iterator[str]:
    if now.type != before.type:
        yield type_changed(before, now)
    elif now.length < EXTERNAL_ID_LENGTH:
        yield _("It takes %(now)d characters, and %(least)d are needed.") % {
            "now": now.length,
            "least": EXTERNAL_ID_LENGTH,
        }
    if not now.external_id:
        yield _("It is not an External ID.")
    if not now.unique:
        yield _("It is not unique: duplicate values are allowed.")
    if not (now.createable and now.updateable):
        yield _("The integration user may not edit it.")
