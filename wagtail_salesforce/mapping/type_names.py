"""What Salesforce's set-up pages call the types of fields (Object reference, "Field Types")."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


NAMES: dict[str, str | Promise] = {
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


def type_name(kind: str) -> str:
    """The name of a type, or Salesforce's own word for one that is not known here."""
    return str(NAMES.get(kind, kind))
