"""What somebody has typed for an authorization that is not finished, while another one works.

Kept in the person's session and encrypted, because a session may lie in a cookie; the
connection that works must not be given a key that does not fit its tokens.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, MutableMapping
from typing import Any

from wagtail_salesforce.connection.secrets import UnreadableSecret, decrypt, encrypt
from wagtail_salesforce.exceptions import AuthorizationFailed


DRAFT_KEY = "wagtail_salesforce_access_draft"

Session = MutableMapping[str, Any]


def seal(values: Mapping[str, str]) -> str:
    """The values as encrypted text; "" for none."""
    return encrypt(json.dumps(dict(values))) if values else ""


def unseal(sealed: str) -> dict[str, str]:
    """The values again. Raises AuthorizationFailed("credentials_changed") under another key."""
    text = decrypt(sealed)
    if isinstance(text, UnreadableSecret):
        raise AuthorizationFailed(code="credentials_changed")
    return dict(json.loads(text)) if text else {}


def keep_draft(session: Session, values: Mapping[str, str]) -> None:
    """Remember what was typed; what says nothing new replaces a former draft, too."""
    forget_draft(session)
    if values:
        session[DRAFT_KEY] = seal(values)


def draft(session: Session) -> dict[str, str]:
    """What was typed and not finished; {} when there is nothing, or nothing readable."""
    try:
        return unseal(session.get(DRAFT_KEY, ""))
    except AuthorizationFailed:
        return {}


def forget_draft(session: Session) -> None:
    """It has succeeded, or is not wanted any more."""
    session.pop(DRAFT_KEY, None)
