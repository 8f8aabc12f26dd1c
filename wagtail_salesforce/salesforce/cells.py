"""Values as cells of a Bulk job's CSV, in the same forms that REST calls give them.

Bulk API 2.0 guide, "Prepare CSV Files": an empty cell is no value at all, `#N/A` clears one, and
dates and times are written as in REST.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import isfinite
from typing import Any

import orjson
from django.utils.translation import gettext

from wagtail_salesforce.exceptions import RequestRefused
from wagtail_salesforce.salesforce.bulk import CLEARED, MOST_IN_CELL
from wagtail_salesforce.salesforce.payload import encode


_NEEDS_QUOTES = re.compile('[,"\r\n]')


def cell(value: Any) -> str:
    """The text of a value. Raises RequestRefused for one that a cell cannot hold."""
    if value is None or value == "":
        # An empty text clears a field in REST; an empty cell would leave it as it is.
        return CLEARED
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not isfinite(value):
        raise _unsuitable(gettext("a number must be finite"))
    return _other(value)


def _text(value: str) -> str:
    if value == CLEARED:
        raise _unsuitable(gettext("the text #N/A would clear the field"))
    if len(value) > MOST_IN_CELL:
        raise _unsuitable(gettext("a text may have no more than 130,000 characters"))
    return value


def _other(value: Any) -> str:
    """Numbers, dates, decimals and whatever else JSON has a form for."""
    as_json = encode(value)
    if as_json[:1] in (b"{", b"["):
        raise _unsuitable(gettext("a record or list inside of a record has no place in CSV"))
    return cell(orjson.loads(as_json)) if as_json[:1] == b'"' else as_json.decode()


def _unsuitable(problem: str) -> RequestRefused:
    words = gettext("A value cannot go by Bulk API 2.0: %(problem)s.")
    return RequestRefused(words % {"problem": problem}, code="UNENCODABLE_VALUE")


def csv_line(cells: Iterable[str]) -> str:
    """One line of CSV, with its end."""
    line = ",".join(map(_quoted, cells))
    # A line without anything would be none.
    return f"{line}\n" if line else '""\n'


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text
