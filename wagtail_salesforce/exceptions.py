"""Every error of the package. The words of their codes are in `reasons.py`.

    ConnectorError
    ├── Stopped                 the run (or call) cannot go on; `code` says why
    │   ├── NotAuthorized       somebody has to authorize the organization again
    │   └── ExtensionFailed     the site's own code failed
    ├── Transient               the same call may work in a moment
    │   └── RowLocked           only the rows concerned are tried again
    ├── JobUnfinished           a Bulk job takes longer than anybody waits
    ├── RequestRefused          Salesforce refused a whole request; the batch is halved
    │   └── CursorExpired       the later pages of a query are gone
    ├── AuthorizationFailed     a login, a callback or a token request went wrong
    ├── LeaseLost               another runner has taken over; record nothing more
    ├── MergeRefused            two contacts that cannot be merged
    └── InvalidDocument         a configuration document with every problem it has

Row errors are data (`results.RowResult`), not exceptions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from django.db.utils import InterfaceError, OperationalError
from django.utils.translation import gettext_lazy as _

from wagtail_salesforce.reasons import REASONS as REASONS
from wagtail_salesforce.reasons import Reason as Reason
from wagtail_salesforce.reasons import Text as Text
from wagtail_salesforce.results import RowResult


#: What Django raises when the database is away, too busy, or has broken off the connection.
DATABASE_UNAVAILABLE = (OperationalError, InterfaceError)


def is_database_away(error: BaseException) -> bool:
    """Whether the database is to blame. SQLite raises the same for a table that nobody has made."""
    return isinstance(error, DATABASE_UNAVAILABLE) and "no such " not in str(error)


class Action(Enum):
    """What the replicator does about an error."""

    STOP = "stop"
    RETRY = "retry"
    SUSPEND = "suspend"
    EXCLUDE = "exclude"
    SPLIT = "split"


class ConnectorError(Exception):
    """Base of all errors of this package. `code` is a stable name for scripts and the admin."""

    code = "internal_error"
    action = Action.STOP
    #: Results of the records that went through before the error (calls that go in several parts).
    results: tuple[RowResult, ...] = ()
    #: The Bulk job that Salesforce goes on with, when the error came after its upload.
    job_id: str = ""

    def __init__(self, message: Text = "", *, code: str | None = None) -> None:
        self.code = code or self.code
        super().__init__(message or self._default_text())

    def _default_text(self) -> Text:
        reason = REASONS.get(self.code)
        return reason.text if reason else self.code

    @property
    def message(self) -> str:
        """The plain sentence for people."""
        return str(self.args[0])

    @property
    def cure(self) -> str:
        """What to do next, where the reason's words say it; else empty."""
        reason = REASONS.get(self.code)
        return str(reason.cure) if reason else ""


class Stopped(ConnectorError):
    """The work cannot go on for the reason named by `code`, one of REASONS."""


class NotAuthorized(Stopped):
    """The tokens are gone or refused: a person has to authorize again.

    `detail` is the reason code of what ended the authorization, or "" when nothing is known.
    """

    code = "not_authorized"
    detail = ""


class ExtensionFailed(Stopped):
    """A function of the site's own code, named by the message, failed for a whole window."""

    code = "extension_failed"


class Transient(ConnectorError):
    """Salesforce could not answer just now: 502, 503, concurrent limit, lost connection.

    `retry_after` is what Salesforce asks to wait (seconds), if it does. `untouched` says that
    it surely did nothing, so that even a call that must not be doubled may be repeated.
    """

    code = "org_unavailable"
    action = Action.RETRY

    def __init__(
        self,
        message: Text = "",
        *,
        code: str | None = None,
        retry_after: float | None = None,
        untouched: bool = False,
    ) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after
        self.untouched = untouched


class RowLocked(Transient):
    """UNABLE_TO_LOCK_ROW for a single-row call."""

    code = "row_locked"


class JobUnfinished(ConnectorError):
    """A Bulk job has got no further for an hour; `job_id` tells which. Salesforce works on."""

    code = "job_unfinished"

    def _default_text(self) -> Text:
        return _("Salesforce has not finished the Bulk job in time. Look at it later by its id.")


class RequestRefused(ConnectorError):
    """Salesforce refused a whole request (a 4xx answer).

    `code` is Salesforce's errorCode, `status` the HTTP status, `fields` the fields it names.
    A part of a Composite can be refused for a reason that would have stopped a whole call, or
    made it worth repeating; `stands_for` is that error (Stopped or Transient), else None.
    """

    action = Action.SPLIT

    def __init__(
        self,
        message: Text,
        *,
        code: str,
        status: int = 400,
        fields: Sequence[str] = (),
        stands_for: ConnectorError | None = None,
    ) -> None:
        super().__init__(message, code=code)
        self.status = status
        self.fields = tuple(fields)
        self.stands_for = stands_for
        if stands_for is not None:
            self.action = stands_for.action

    @property
    def position(self) -> tuple[int, int] | None:
        """Line and column, counted from 1, where a query is wrong, if Salesforce tells them.

        SOQL errors hold "ERROR at Row:1:Column:43".
        """
        found = re.search(r"ERROR at Row:(\d+):Column:(\d+)", self.message)
        return (int(found[1]), int(found[2])) if found else None


class CursorExpired(RequestRefused):
    """The next page of a query is no longer kept (Salesforce keeps cursors for two days)."""

    def __init__(self) -> None:
        words = _("Salesforce no longer keeps the rest of this query. Ask it again.")
        super().__init__(words, code="INVALID_QUERY_LOCATOR")


class AuthorizationFailed(ConnectorError):
    """A login, a callback or a token request failed. `code` is the OAuth error or one of ours.

    `cure` stands for the cure of the code, where more is known of what is wrong.
    """

    code = "authorization_failed"

    def __init__(self, message: Text = "", *, code: str | None = None, cure: Text = "") -> None:
        super().__init__(message, code=code)
        self._cure = cure

    @property
    def cure(self) -> str:
        return str(self._cure) or super().cure


class LeaseLost(ConnectorError):
    """The lease has gone to another runner, so no outcome may be recorded any more."""

    code = "lease_lost"


class MergeRefused(ConnectorError):
    """Two contacts cannot be merged; `code` says why: merge_same, merge_gone or merge_choice."""

    code = "merge_gone"


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a document or mapping: where (a path), and what (a sentence)."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class InvalidDocument(ConnectorError):
    """A document was refused whole; `problems` lists everything wrong with it."""

    code = "invalid_document"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
