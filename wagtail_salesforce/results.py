"""What Salesforce says about one record: no exception, but exceptions carry it, too."""

from __future__ import annotations

from typing import NamedTuple


class RowResult(NamedTuple):
    """The answer for one record, in the place of the record in the request.

    A named tuple, because millions are made and it is four times cheaper to make than a frozen
    dataclass. `id` is "" when absent; `code`, `message` and `fields` are empty on success.
    `message` is Salesforce's own text and may echo values: pass it through `redact` before it
    is stored or logged.
    """

    success: bool
    id: str = ""
    created: bool = False
    code: str = ""
    message: str = ""
    fields: tuple[str, ...] = ()
