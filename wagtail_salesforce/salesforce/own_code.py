"""Errors for a site's own code: the same, but with cures that do not speak of replication."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from wagtail_salesforce.exceptions import ConnectorError, Stopped, Text, Transient


#: reason code -> what to do next, where the words of the code are about replication.
CURES: dict[str, Text] = {
    "api_reserve": _(
        "Calls of the last 24 hours count, so try again later; or lower “API reserve (percent)” in"
        " the replication settings, which holds for your own code and your own tokens too."
    ),
    "request_limit": _(
        "Calls of the last 24 hours count, so try again later, or ask the Salesforce administrator"
        " for more calls."
    ),
    "access_denied": _("Give the user of the token the permission for it in Salesforce."),
    "org_unavailable": _(
        "Try again in a few minutes. See status.salesforce.com if it lasts. Whether an insert was"
        " carried out is for you to find out before it is repeated."
    ),
}


class StoppedCall(Stopped):
    """A Stopped that was met by a site's own code."""

    @property
    def cure(self) -> str:
        return str(CURES[self.code])


class FailedCall(Transient):
    """A Transient that was met by a site's own code."""

    @property
    def cure(self) -> str:
        return str(CURES[self.code])


def for_own_code(error: ConnectorError) -> ConnectorError:
    """The error with a cure for a site's own code, where its own speaks of replication."""
    if error.code not in CURES:
        return error
    if type(error) is Stopped:
        return StoppedCall(error.message, code=error.code)
    if type(error) is Transient:
        return FailedCall(
            error.message,
            code=error.code,
            retry_after=error.retry_after,
            untouched=error.untouched,
        )
    return error
