"""Which submissions are spam: conditions of a form connection, and checks of the site's own.

    from wagtail_salesforce.contacts.spam import register_check

    def no_links(data, context):              # in your app; `register_check` in its ready()
        return "It holds a link." if "http" in str(data.get("message")) else None

    register_check("no_links", _("No links in the message"), no_links)

What is refused stays a form submission; it becomes no contact until an editor takes it after all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_salesforce.contacts.attempts import log_error
from wagtail_salesforce.contacts.models.names import name_validator
from wagtail_salesforce.contacts.spam_conditions import Conditions
from wagtail_salesforce.contacts.spam_stamp import Shown, Stamp, shown, subject_of_form


@dataclass(frozen=True)
class SpamContext:
    """What a check may look at besides the data.

    `request` is the visitor's, None when it is not known (a submission that is tried again, or
    imported from the past); `seconds` is the fill time, None when it is not known.
    """

    request: Any = None
    page_id: int | None = None
    seconds: float | None = None
    submitted_at: datetime | None = None


# Returns a reason, for editors to read and without personal data, or None for what is no spam.
SpamCheck = Callable[[Mapping[str, Any], SpamContext], str | None]


@dataclass(frozen=True)
class Check:
    """A check that a site's code registered."""

    name: str
    label: str | Promise
    check: SpamCheck


_checks: dict[str, Check] = {}


def register_check(name: str, label: str | Promise, check: SpamCheck) -> None:
    """Offer a check of the site's own to form connections; call it from an app's `ready()`.

    `check(data, context)` gets the submission's data by form field and a `SpamContext`. Raises
    ValidationError when the name is not made of lower-case letters, digits and underscores.
    """
    name_validator(name)
    _checks[name] = Check(name, label, check)


def checks() -> dict[str, Check]:
    """The registered checks by their name."""
    return dict(_checks)


@dataclass
class Evidence:
    """What can only be known while a submission arrives; what has to wait keeps it.

    `verdicts` are the reasons that own checks gave, "" for none, by the name of the check.
    """

    shown: Shown = Shown()
    request: Any = None
    verdicts: dict[str, str] = field(default_factory=dict)

    def payload(self) -> dict[str, Any]:
        """The evidence as JSON, without the request."""
        return {
            "stamp": self.shown.stamp.value,
            "seconds": self.shown.seconds,
            "verdicts": self.verdicts,
        }

    @classmethod
    def of_payload(cls, payload: Mapping[str, Any] | None) -> Evidence:
        """What `payload()` was made of; nothing is known without it."""
        if not payload or "stamp" not in payload:
            return cls()
        seen = Shown(Stamp(payload["stamp"]), payload["seconds"])
        return cls(seen, verdicts=dict(payload["verdicts"]))


def judge(
    conditions: Conditions,
    data: Mapping[str, Any],
    evidence: Evidence,
    *,
    stamp_expected: bool,
    page_id: int | None = None,
    submitted_at: datetime | None = None,
) -> str:
    """Why a submission is spam, or "" when it is not.

    A stamp that is missing, forged or too old counts only where one is expected: because the
    form is known to carry it. What nobody looked at is not held against a submission.
    """
    if conditions.honeypot and _is_filled(data.get(conditions.honeypot)):
        return _("A field that people do not see was filled in.")
    if conditions.seconds and (
        reason := _haste(conditions.seconds, evidence.shown, stamp_expected)
    ):
        return reason
    if not conditions.check:
        return ""
    context = SpamContext(evidence.request, page_id, evidence.shown.seconds, submitted_at)
    return _verdict(conditions.check, data, context, evidence)


def spam_reason(
    data: Mapping[str, Any],
    *,
    request: Any = None,
    form: str = "",
    honeypot: str = "",
    seconds: int = 0,
    check: str = "",
) -> str:
    """Why the data of a plain Django form is spam, or "" when it is not.

    For `seconds` the form's template needs `{% form_started "name" %}`, and `form` is that name;
    without a genuine stamp the form counts as spam then. Raises ValueError for `seconds` without
    `form` and `request`, and for a check that is not registered.
    """
    if seconds and not (form and request):
        raise ValueError("For `seconds`, give the request and the name of the form.")
    if check and check not in _checks:
        raise ValueError(f"No check is registered as {check!r}.")
    evidence = Evidence(shown(request, subject_of_form(form)), request)
    return judge(Conditions(honeypot, seconds, check), data, evidence, stamp_expected=True)


def _is_filled(value: Any) -> bool:
    return bool(value.strip() if isinstance(value, str) else value)


def _haste(least: int, seen: Shown, stamp_expected: bool) -> str:
    if seen.stamp is Stamp.GENUINE:
        return _too_fast(least) if (seen.seconds or 0) < least else ""
    if seen.stamp is Stamp.UNKNOWN or not stamp_expected:
        return ""
    if seen.stamp is Stamp.EXPIRED:
        return _("The form had been open for more than a day.")
    return _("It did not say when the form was shown, as forms in a browser do.")


def _too_fast(least: int) -> str:
    text = ngettext(
        "The form was filled in within less than %(number)d second.",
        "The form was filled in within less than %(number)d seconds.",
        least,
    )
    return text % {"number": least}


def _verdict(name: str, data: Mapping[str, Any], context: SpamContext, evidence: Evidence) -> str:
    """What a check says, asked once: its verdict stands, also when the rest is tried again."""
    if name in _checks and name not in evidence.verdicts:
        evidence.verdicts[name] = _asked(_checks[name], data, context)
    return evidence.verdicts.get(name, "")


def _asked(check: Check, data: Mapping[str, Any], context: SpamContext) -> str:
    """An error in a check is no spam. A savepoint keeps it from spoiling the transaction."""
    try:
        with transaction.atomic():
            reason = check.check(dict(data), context)
    except Exception as error:  # noqa: BLE001 - a site's code must not lose a submission
        log_error(f"The check against spam {check.name} failed", error)
        return ""
    if not reason:
        return ""
    given = reason if isinstance(reason, (str, Promise)) else ""
    return str(given) or _("“%(check)s” took it for spam.") % {"check": check.label}
