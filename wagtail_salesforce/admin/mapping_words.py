"""The type and size of a Lead field in plain words."""

from __future__ import annotations

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_salesforce.mapping.references import prefix_words
from wagtail_salesforce.mapping.type_names import type_name
from wagtail_salesforce.salesforce.describe import FieldDescribe


SIZED = frozenset({"string", "textarea", "email", "phone", "url", "encryptedstring"})
PICKLISTS = frozenset({"picklist", "multipicklist"})


def type_words(field: FieldDescribe) -> str:
    """For example "Text, up to 80 characters" or "Number, 16 digits and 2 decimals"."""
    name = type_name(field.type)
    detail = _detail(field)
    return f"{name}, {detail}" if detail else name


def _detail(field: FieldDescribe) -> str:
    if field.type in SIZED and field.length:
        return _("up to %(length)s characters") % {"length": intcomma(field.length)}
    if field.type in PICKLISTS:
        return _picklist(field)
    if field.type == "reference":
        words = _("to %(objects)s, by record id") % {"objects": ", ".join(field.reference_to)}
        prefixes = prefix_words(field.reference_to)
        return f"{words}. {prefixes}" if prefixes else words
    if field.type == "int":
        return _("up to %(digits)d digits") % {"digits": field.digits}
    if field.precision:
        values = {"whole": field.precision - field.scale, "scale": field.scale}
        return _("%(whole)d digits and %(scale)d decimals") % values
    return ""


def _picklist(field: FieldDescribe) -> str:
    count = len(field.active_values)
    if field.restricted:
        words = ngettext("only its %(count)d entry", "only its %(count)d entries", count)
    else:
        words = ngettext("%(count)d entry", "%(count)d entries", count)
    return words % {"count": count}
