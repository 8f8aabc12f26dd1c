"""What the token endpoint's refusals mean, in our codes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime

from django.utils import timezone
from django.utils.translation import gettext

from wagtail_salesforce.exceptions import AuthorizationFailed, ConnectorError, Transient
from wagtail_salesforce.salesforce.redact import redact


#: How far the server's clock may be from Salesforce's before it matters: an assertion of the
#: JWT bearer flow lives three minutes.
MOST_SKEW = timedelta(minutes=2)

# (error, a part of error_description, our code); the first that fits counts. Salesforce help,
# "OAuth 2.0 Error Codes" and the pages of the flows; wordings as seen in public reports.
_MEANINGS = [
    ("invalid_client_id", "", "invalid_client_id"),
    ("invalid_client", "must be installed", "app_not_installed"),
    ("invalid_client", "", "invalid_client"),
    ("access_denied", "", "consent_denied"),
    ("access-denied", "", "consent_denied"),
    ("redirect_uri_mismatch", "", "redirect_uri_mismatch"),
    ("invalid_request", "code challenge", "invalid_code_verifier"),
    ("invalid_request", "code verifier", "invalid_code_verifier"),
    ("invalid_grant", "code verifier", "invalid_code_verifier"),
    ("invalid_grant", "authorization code", "expired_code"),
    ("invalid_grant", "access/refresh token", "expired_refresh_token"),
    ("invalid_grant", "inactive user", "inactive_user"),
    ("inactive_user", "", "inactive_user"),
    ("invalid_grant", "inactive organization", "inactive_org"),
    ("inactive_org", "", "inactive_org"),
    ("invalid_grant", "client credentials user", "client_credentials_user_missing"),
    ("invalid_grant", "hasn't approved", "not_approved"),
    ("invalid_grant", "not admin approved", "not_approved"),
    ("invalid_app_access", "", "not_approved"),
    ("invalid_grant", "audience", "invalid_audience"),
    ("invalid_grant", "assertion", "invalid_assertion"),
    ("", "not supported on this domain", "wrong_login_host"),
    ("invalid_grant", "", "login_refused"),
    ("invalid_scope", "", "invalid_scope"),
    ("unsupported_grant_type", "", "unsupported_grant_type"),
    ("unsupported_response_type", "", "unsupported_grant_type"),
    ("rate_limit_exceeded", "", "rate_limited"),
]

#: These pass by themselves.
_PASSING = ("already being processed",)


def meaning(error: str, description: str) -> str:
    """Our code for a refusal; "authorization_failed" when it is none we know."""
    wording = description.lower()
    for known, part, code in _MEANINGS:
        if known in ("", error) and part in wording:
            return code
    return "authorization_failed"


def to_error(error: str, description: str) -> ConnectorError:
    """The exception for a refusal: Transient for what passes, else AuthorizationFailed.

    `token request is already being processed` (release notes, Winter '25) means that another
    refresh with the same token is under way, so nothing was done.
    """
    if any(part in description.lower() for part in _PASSING):
        return Transient(gettext("Salesforce is still busy with another login."), untouched=True)
    code = meaning(error, description)
    if code == "rate_limited":
        return Transient(code=code)
    if code != "authorization_failed":
        return AuthorizationFailed(code=code)
    words = gettext("Salesforce refused the authorization: %(error)s (%(description)s).")
    return AuthorizationFailed(
        words % {"error": redact(error)[:100], "description": redact(description)[:300]}
    )


def clock_skew(headers: Mapping[str, str]) -> timedelta | None:
    """How far this server's clock is ahead of the answer's Date header; None without one."""
    try:
        moment = parsedate_to_datetime(headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    return None if timezone.is_naive(moment) else timezone.now() - moment


def clock_is_wrong(headers: Mapping[str, str]) -> bool:
    """Whether the clocks differ so much that assertions are refused."""
    skew = clock_skew(headers)
    return skew is not None and abs(skew) > MOST_SKEW
