"""The type and size of a Lead field in plain words."""

from __future__ import annotations

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_salesforce.salesforce.describe import FieldDescribe


#: Salesforce's type (Object reference, "Field Types"): how the setup pages call it.
NAMES = {
    "string": gettext_lazy("Text"),
    "textarea": gettext_lazy("Text area"),
    "email": gettext_lazy("E-mail"),
    "phone": gettext_lazy("Phone"),
    "url": gettext_lazy("URL"),
    "encryptedstring": gettext_lazy("Encrypted text"),
    "picklist": gettext_lazy("Picklist"),
    "multipicklist": gettext_lazy("Multi-select picklist"),
    "combobox": gettext_lazy("Combo box"),
    "boolean": gettext_lazy("Checkbox"),
    "int": gettext_lazy("Whole number"),
    "long": gettext_lazy("Whole number"),
    "double": gettext_lazy("Number"),
    "percent": gettext_lazy("Percent"),
    "currency": gettext_lazy("Currency"),
    "date": gettext_lazy("Date"),
    "datetime": gettext_lazy("Date and time"),
    "time": gettext_lazy("Time"),
    "reference": gettext_lazy("Lookup"),
}
SIZED = frozenset({"string", "textarea", "email", "phone", "url", "encryptedstring"})
PICKLISTS = frozenset({"picklist", "multipicklist"})


def type_words(field: FieldDescribe) -> str:
    """For example "Text, up to 80 characters" or "Number, 16 digits and 2 decimals"."""
    name = str(NAMES.get(field.type, field.type))
    detail = _detail(field)
    return f"{name}, {detail}" if detail else name


def _detail(field: FieldDescribe) -> str:
    if field.type in SIZED and field.length:
        return _("up to %(length)s characters") % {"length": intcomma(field.length)}
    if field.type in PICKLISTS:
        return _picklist(field)
    if field.type == "reference":
        return _("to %(objects)s") % {"objects": ", ".join(field.reference_to)}
    if field.type == "int":
        return _("up to %(digits)d digits") % {"digits": field.digits}
    if field.precision:
        values = {"whole": field.precision - field.scale, "scale": field.scale}
        return _("%(whole)d digits and %(scale)d decimals") % values
    return ""


def _picklist(field: FieldDescribe) -> str:
    values = {"count": len(field.active_values)}
    if field.restricted:
        return _("only its %(count)d entries") % values
    return _("%(count)d entries") % values
