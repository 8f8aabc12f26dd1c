"""What may be wrong with a whole file; rows that are wrong are refused one by one."""

from __future__ import annotations

from wagtail_salesforce.exceptions import ConnectorError, Text


class FileProblem(ConnectorError):
    """A file that cannot be imported as it is; `code` is one of REASONS, `line` where known."""

    def __init__(self, code: str, message: Text = "", *, line: int | None = None) -> None:
        self.line = line
        super().__init__(message, code=code)
