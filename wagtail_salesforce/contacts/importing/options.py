"""How a file is to be read and written into the contacts, as chosen by whoever imports it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.utils.translation import gettext_lazy as _


ENCODINGS = {
    "utf-8": _("UTF-8 (most programs today)"),
    "windows-1252": _("Windows-1252 (Excel's plain “CSV”)"),
    "latin-1": _("Latin-1 (ISO 8859-1)"),
    "utf-16": _("UTF-16 (Excel's “Unicode text”)"),
}
DELIMITERS = {
    "": _("Recognise it"),
    "comma": _("Comma (,)"),
    "semicolon": _("Semicolon (;)"),
    "tab": _("Tab"),
}
CHARACTERS = {"comma": ",", "semicolon": ";", "tab": "\t"}
DATE_ORDERS = {
    "day": _("Day first: 28/02/2026"),
    "month": _("Month first: 02/28/2026"),
}
NUMBERS = {
    "": _("Recognise them"),
    "point": _("Decimal point: 1,234.50"),
    "comma": _("Decimal comma: 1.234,50"),
}


@dataclass(frozen=True)
class Options:
    """An empty delimiter or number format is recognised. Dates written year-month-day are
    understood in either date order."""

    encoding: str = "utf-8"
    delimiter: str = ""
    date_order: str = "day"
    numbers: str = ""
    overwrite: bool = False
    record_activity: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, stored: Mapping[str, Any]) -> Options:
        known = {item.name for item in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})
