"""The words of a reason for commands and mails: where more is known than its code, they say it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.exceptions import REASONS, Reason, Text


#: Salesforce or the database may be away for a while; only what lasts is an incident, and then it
#: is not true any more that nothing needs doing. What does instead:
LASTING: dict[str, Text] = {
    "org_unavailable": _(
        "See status.salesforce.com, and whether this server reaches the organization. Runs go on "
        "by themselves once it answers."
    ),
    "database_unavailable": _(
        "See the log of the site and of its database. Runs go on by themselves once it answers."
    ),
}
RUNS_THAT_LAST = 4


def words_of(code: str, runs: int = 0) -> Reason:
    """The words of a reason that has stopped so many runs; of a lost authorization those of what
    has ended it."""
    if code in LASTING and runs >= RUNS_THAT_LAST:
        return Reason(REASONS[code].text, LASTING[code])
    return REASONS[ended_by() or code] if code == "not_authorized" else REASONS[code]


def ended_by() -> str:
    """The reason code of what has ended the authorization; "" while it holds or nobody knows."""
    row = Connection.load()
    known = not row.is_authorized and row.status_reason in REASONS
    return row.status_reason if known else ""
