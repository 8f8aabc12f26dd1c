"""The visitor cookie: what it holds, how it is signed, read, set and deleted.

The browser holds a random token, signed with the site's key; the database holds only its hash, so
that nobody who reads the table can make a cookie. The cookie names no contact and nothing of a
person; `Visitor` says who is thought to use the browser.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import astuple, dataclass, replace
from datetime import timedelta
from typing import Any

from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import get_script_prefix
from django.utils.cache import patch_cache_control, patch_vary_headers


NAME = "ws_visitor"
SALT = "wagtail_salesforce.visitor"
#: A cookie ends so long after it was first set; it is not made to last longer by later visits.
LIFETIME = timedelta(days=365)
#: A campaign counts for what the visitor does within so many days after its link was followed.
CAMPAIGN_LIFETIME = timedelta(days=30)
# Tells a shared cache that it may keep the response, and with it the cookie of one visitor.
SHARED = ("public", "s-maxage")


@dataclass(frozen=True)
class Landing:
    """The first page a browser saw; recorded once the browser has sent the cookie back."""

    page_id: int
    path: str
    at: float


@dataclass(frozen=True)
class Cookie:
    """What the cookie holds. Times are seconds since 1970."""

    token: str
    since: int
    user_pk: str = ""
    campaign: str = ""
    campaign_at: int = 0
    landing: Landing | None = None

    @property
    def key(self) -> str:
        """What stands for the browser in the database."""
        return hashlib.sha256(self.token.encode()).hexdigest()

    @property
    def current_campaign(self) -> str:
        """The campaign, while it counts."""
        fresh = time.time() - self.campaign_at < CAMPAIGN_LIFETIME.total_seconds()
        return self.campaign if fresh else ""

    def with_campaign(self, campaign: str, at: float) -> Cookie:
        return replace(self, campaign=campaign, campaign_at=int(at)) if campaign else self


def new_cookie() -> Cookie:
    """A cookie for a browser that has none."""
    return Cookie(token=secrets.token_urlsafe(16), since=int(time.time()))


def encode(cookie: Cookie) -> str:
    """The signed value of the cookie."""
    return signing.dumps(astuple(cookie), salt=SALT)


def decode(value: str) -> Cookie | None:
    """The cookie, or None when it was not made by this site or is too old."""
    try:
        token, since, user_pk, campaign, at, landing = signing.loads(value, salt=SALT)
        first = Landing(*landing) if landing else None
        cookie = Cookie(token, since, user_pk, campaign, at, first)
        return cookie if _seconds_left(cookie) else None
    except (signing.BadSignature, TypeError, ValueError):
        # Forged, cut off, signed with a key that is no longer used, or of another version.
        return None


def may_carry(response: HttpResponseBase) -> bool:
    """Whether a response may hold a cookie: not when shared caches are told to keep it, which
    would hand the cookie of one visitor to others."""
    control = response.get("Cache-Control", "").lower()
    return not any(word in control for word in SHARED)


def put(response: Any, request: HttpRequest, cookie: Cookie) -> None:
    """Set the cookie on a response, which then is for this visitor alone."""
    response.set_cookie(
        NAME,
        encode(cookie),
        max_age=_seconds_left(cookie),
        path=get_script_prefix(),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    _keep_private(response)


def drop(response: Any) -> None:
    """Delete the cookie."""
    response.delete_cookie(NAME, path=get_script_prefix(), samesite="Lax")
    _keep_private(response)


def _seconds_left(cookie: Cookie) -> int:
    return max(0, cookie.since + int(LIFETIME.total_seconds()) - int(time.time()))


def _keep_private(response: HttpResponseBase) -> None:
    patch_vary_headers(response, ["Cookie"])
    patch_cache_control(response, private=True)
