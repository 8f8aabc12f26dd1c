"""What a site's own code makes of the refusals of Salesforce.

    from datetime import timedelta

    from wagtail_salesforce.replication.verdicts import Refused, Verdict, register_verdict

    @register_verdict("FIELD_CUSTOM_VALIDATION_EXCEPTION")
    def territory(refused: Refused) -> Verdict | None:
        if "territory" in refused.message:
            return Verdict.postpone("The territory is closed.", wait=timedelta(hours=12))
        return None

Asked is for leads that would be suspended or excluded; not for what concerns the whole organization
(limits, storage, authorization) and not for what passes by itself (locked rows). The first answer
counts; None leaves it to the next function, and in the end to the usual rules.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from typing import TypeVar

from django.utils.translation import gettext as _

from wagtail_salesforce.background import name_of, outline
from wagtail_salesforce.exceptions import Text
from wagtail_salesforce.registering import check_function, check_texts
from wagtail_salesforce.replication.extensions import OutgoingLead
from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.replication.outcomes import Outcome, excluded, postponed, suspended
from wagtail_salesforce.results import RowResult
from wagtail_salesforce.salesforce.redact import redact


logger = logging.getLogger("wagtail_salesforce")

#: A shorter one would let the row go round in one run.
SHORTEST_WAIT = timedelta(minutes=1)


class Decision(Enum):
    """What becomes of a refused lead."""

    SUSPEND = "suspend"
    EXCLUDE = "exclude"
    POSTPONE = "postpone"
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Refused:
    """A lead that Salesforce did not take.

    `code` is Salesforce's own, `fields` the Lead fields it names. `message` may repeat values of
    the contact: look at it, but neither log nor keep it.
    """

    lead: OutgoingLead
    code: str
    message: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a refusal means. Without a code and a message of its own it keeps Salesforce's."""

    decision: Decision
    message: str = ""
    code: str = ""
    wait: timedelta | None = None

    @classmethod
    def suspend(cls, message: Text = "", *, code: str = "") -> Verdict:
        """Not again until the contact or the mapping is saved, or an editor presses Retry."""
        return cls(Decision.SUSPEND, str(message), code)

    @classmethod
    def exclude(cls, message: Text = "", *, code: str = "") -> Verdict:
        """Not again until an editor includes the contact again."""
        return cls(Decision.EXCLUDE, str(message), code)

    @classmethod
    def postpone(
        cls, message: Text = "", *, code: str = "", wait: timedelta | None = None
    ) -> Verdict:
        """Again by itself after `wait` (a minute or more); else after 1, 2, 4 … minutes."""
        return cls(Decision.POSTPONE, str(message), code, wait)

    @classmethod
    def again(cls, message: Text = "", *, code: str = "") -> Verdict:
        """Again in this run, twice at most; then it is postponed."""
        return cls(Decision.AGAIN, str(message), code)


Judge = Callable[[Refused], Verdict | None]
Registered = TypeVar("Registered", bound=Judge)

_judges: list[tuple[frozenset[str], Judge]] = []


def register_verdict(*codes: str) -> Callable[[Registered], Registered]:
    """Let a function decide what refusals with these codes of Salesforce mean, or all; a decorator.

    Raises TypeError where the parentheses are forgotten, or no function is given.
    """
    check_texts(codes, '@register_verdict() or @register_verdict("DUPLICATES_DETECTED")')

    def register(judge: Registered) -> Registered:
        check_function(judge, "A verdict")
        entry = (frozenset(codes), judge)
        if entry not in _judges:
            _judges.append(entry)
        return judge

    return register


def unregister_verdict(judge: Judge) -> None:
    """Take a function out again, as tests do."""
    _judges[:] = [entry for entry in _judges if entry[1] != judge]


def verdict_of(lead: OutgoingLead, result: RowResult) -> Verdict | None:
    """What the site's code says to this refusal, in words without personal values; mostly None."""
    if not _judges:
        return None
    refused = Refused(lead, result.code, result.message, result.fields)
    found = (_ask(judge, refused) for codes, judge in _judges if not codes or result.code in codes)
    verdict = next((each for each in found if each is not None), None)
    return verdict and _worded(verdict, refused)


def outcome_of(lead: OutgoingLead, verdict: Verdict) -> Outcome:
    """The outcome of a verdict that does not send the lead again."""
    code, message = verdict.code, verdict.message
    if verdict.decision is Decision.EXCLUDE:
        return excluded(lead, LeadLink.Excluded.BY_SITE, code)._replace(message=message)
    if verdict.decision is Decision.SUSPEND:
        return suspended(lead, code, message)
    later = postponed(lead, code, message)
    return later._replace(wait=max(verdict.wait, SHORTEST_WAIT)) if verdict.wait else later


def _ask(judge: Judge, refused: Refused) -> Verdict | None:
    """The contact is suspended when the function fails: there it is seen, and nothing is lost."""
    try:
        verdict = judge(refused)
        if verdict is None or isinstance(verdict, Verdict):
            return verdict
        raise TypeError("no verdict")
    except Exception as error:  # noqa: BLE001 (one contact is suspended, whatever it raises)
        logger.error("%s failed: %s", name_of(judge), outline(error))
        words = _(
            "Salesforce refused the lead (%(code)s), and %(name)s of this site failed: %(error)s."
        )
        values = {"code": refused.code, "name": name_of(judge), "error": type(error).__name__}
        return Verdict.suspend(words % values, code="EXTENSION_FAILED")


def _worded(verdict: Verdict, refused: Refused) -> Verdict:
    words = redact(verdict.message or refused.message, refused.lead.payload.values())
    return replace(verdict, code=verdict.code or refused.code, message=words)
