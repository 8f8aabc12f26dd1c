"""The organization's Lead fields for the editor, also while Salesforce does not answer."""

from __future__ import annotations

from dataclasses import dataclass

from wagtail_salesforce.admin.words import in_words
from wagtail_salesforce.connection.last_read import connection_and_describe
from wagtail_salesforce.connection.session import lead_describe
from wagtail_salesforce.exceptions import ConnectorError, NotAuthorized, Transient
from wagtail_salesforce.salesforce.describe import ObjectDescribe


#: How long somebody who opens the page waits for Salesforce, in seconds.
PATIENCE = 20.0


@dataclass(frozen=True)
class LeadFields:
    """`describe` is None when there is none to be had; `trouble` says why, or that it is old."""

    describe: ObjectDescribe | None
    trouble: str = ""


def lead_fields(*, reload: bool = False, submitted: bool = False) -> LeadFields:
    """Read the fields: again with `reload`; as they were on the page when it was `submitted`.

    What was submitted is never lost because the organization does not answer just then; and
    when it does not, the fields that were read last serve for looking at them, too.
    """
    try:
        if submitted and not reload:
            return LeadFields(lead_describe(max_age=None, hurry=PATIENCE))
        connection, describe = connection_and_describe()
        if not connection.is_authorized:
            raise NotAuthorized
        if describe is None or reload:
            describe = lead_describe(force=reload, hurry=PATIENCE)
        return LeadFields(describe)
    except Transient as error:
        return _as_last_read(error)
    except ConnectorError as error:
        return _as_last_read(error) if reload else LeadFields(None, in_words(error))


def _as_last_read(error: ConnectorError) -> LeadFields:
    try:
        return LeadFields(lead_describe(max_age=None, hurry=PATIENCE), in_words(error))
    except ConnectorError:
        return LeadFields(None, in_words(error))
