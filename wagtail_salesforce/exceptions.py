"""Every error of the package and the one list of reason codes.

    ConnectorError
    ├── Stopped                 the run (or call) cannot go on; `code` says why
    │   └── NotAuthorized       somebody has to authorize the organization again
    ├── Transient               the same call may work in a moment
    │   └── RowLocked           only the rows concerned are tried again
    ├── RequestRefused          Salesforce refused a whole request; the batch is halved
    ├── AuthorizationFailed     a login, a callback or a token request went wrong
    ├── LeaseLost               another runner has taken over; record nothing more
    └── InvalidDocument         a configuration document with every problem it has

Row errors are data (`salesforce.results.RowResult`), not exceptions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


Text = str | Promise


class Action(Enum):
    """What the replicator does about an error."""

    STOP = "stop"
    RETRY = "retry"
    SUSPEND = "suspend"
    EXCLUDE = "exclude"
    SPLIT = "split"


@dataclass(frozen=True)
class Reason:
    """A reason code's words: what is the matter, and what to do next."""

    text: Text
    cure: Text


REASONS: dict[str, Reason] = {
    "disabled": Reason(
        _("Replication is switched off."), _("Switch it on in the replication settings.")
    ),
    "not_authorized": Reason(
        _("The site is not authorized to use the Salesforce organization."),
        _("Authorize the organization under Organization access."),
    ),
    "org_changed": Reason(
        _("The site is now connected to another Salesforce organization."),
        _("Start over for the new organization, or authorize the former one again."),
    ),
    "site_changed": Reason(
        _("This database seems to be a copy: it was connected under another site address."),
        _("Confirm that this site may use the connection, or clear it."),
    ),
    "no_mapping": Reason(
        _("No mapping is chosen."), _("Create a Salesforce mapping and choose it.")
    ),
    "no_external_id": Reason(
        _("The mapping has no usable external identifier field."),
        _("Choose a custom text field of 32 characters or more, External ID and unique."),
    ),
    "mapping_broken": Reason(
        _("The mapping does not fit the Lead fields of the organization."),
        _("Open the mapping and repair the rows that are marked."),
    ),
    "batch_size": Reason(
        _("The batch size is out of range."), _("Choose a batch size from 1 to 1,000.")
    ),
    "minimum_points": Reason(
        _("The minimum of points is out of range."), _("Choose 0 points or more.")
    ),
    "score_missing": Reason(
        _("The score that chose the contacts no longer exists."),
        _("Choose another score, or all contacts."),
    ),
    "no_default_company": Reason(
        _("There is no default company name."),
        _("Enter the company name for contacts without a company."),
    ),
    "invalid_lead_description": Reason(
        _("The lead description template does not work."),
        _("Correct the template in the replication settings."),
    ),
    "api_reserve": Reason(
        _("The share of the daily API calls that is kept in reserve has been reached."),
        _("Nothing needs doing: replication looks again every hour."),
    ),
    "busy": Reason(
        _("Another replication run is under way."), _("Wait until it is over, then try again.")
    ),
    "request_limit": Reason(
        _("The organization has used up its daily API calls."),
        _("Nothing needs doing: replication looks again every hour."),
    ),
    "org_unavailable": Reason(
        _("Salesforce did not answer properly, also not after several tries."),
        _("Nothing needs doing: the next run tries again. See status.salesforce.com if it lasts."),
    ),
    "storage_limit": Reason(
        _("The organization's data storage is full."),
        _("Ask the Salesforce administrator to free or buy storage."),
    ),
    "api_disabled": Reason(
        _("The organization does not permit API calls."),
        _("Use an edition with API access, or give the user the API Enabled permission."),
    ),
    "access_denied": Reason(
        _("The Salesforce user may not do this."),
        _("Give the integration user access to Leads and to the mapped fields."),
    ),
    "lease_lost": Reason(
        _("Another worker has taken over the run."), _("Nothing needs doing.")
    ),
    "internal_error": Reason(
        _("Something went wrong inside the site."),
        _("Ask the people who run the site to look at its log."),
    ),
    "unknown_contact": Reason(
        _("There is no contact with that e-mail address."), _("Check the address.")
    ),
    "contact_held_back": Reason(
        _("The contact may not be sent: it is excluded, or has not given consent."),
        _("Open the contact to see why."),
    ),
}


class ConnectorError(Exception):
    """Base of all errors of this package. `code` is a stable name for scripts and the admin."""

    code = "internal_error"
    action = Action.STOP

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


class Stopped(ConnectorError):
    """The work cannot go on for the reason named by `code`, one of REASONS."""


class NotAuthorized(Stopped):
    """The tokens are gone or refused: a person has to authorize again."""

    code = "not_authorized"


class Transient(ConnectorError):
    """Salesforce could not answer just now: 502, 503, concurrent limit, lost connection."""

    code = "org_unavailable"
    action = Action.RETRY


class RowLocked(Transient):
    """UNABLE_TO_LOCK_ROW for a single-row call."""

    code = "row_locked"


class RequestRefused(ConnectorError):
    """Salesforce refused a whole request (a 4xx answer).

    `code` is Salesforce's errorCode, `status` the HTTP status, `fields` the fields it names.
    """

    action = Action.SPLIT

    def __init__(
        self, message: Text, *, code: str, status: int = 400, fields: Sequence[str] = ()
    ) -> None:
        super().__init__(message, code=code)
        self.status = status
        self.fields = tuple(fields)


class AuthorizationFailed(ConnectorError):
    """A login, a callback or a token request failed. `code` is the OAuth error or one of ours."""

    code = "authorization_failed"


class LeaseLost(ConnectorError):
    """The lease has gone to another runner, so no outcome may be recorded any more."""

    code = "lease_lost"


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
