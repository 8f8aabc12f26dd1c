"""What is known of the request at hand, for code far below its view.

The middleware keeps it for as long as the request lasts; without the middleware there is none and
everything works by e-mail alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.contrib.auth import SESSION_KEY, get_user_model
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.utils.encoding import escape_uri_path

from wagtail_salesforce.contacts import visitors
from wagtail_salesforce.contacts.facts import Facts
from wagtail_salesforce.contacts.values import clean_text
from wagtail_salesforce.contacts.visitors import Cookie
from wagtail_salesforce.contacts.visitors_hooks import consents
from wagtail_salesforce.contacts.visits_bots import is_crawler


CAMPAIGN = "utm_campaign"
LONGEST_CAMPAIGN = 200
LONGEST_URL = 500


class RequestContext:
    """A request and what it says of its visitor; everything is found out when first asked."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        #: The Wagtail page that was served.
        self.page_id: int | None = None
        #: Whether a contact was recorded, so that the browser has to keep its cookie.
        self.bound = False

    @cached_property
    def consent(self) -> bool | None:
        return consents(self.request)

    @cached_property
    def cookie(self) -> Cookie | None:
        """The cookie that the browser sent, if it is ours and the visitor agrees to it."""
        value = self.request.COOKIES.get(visitors.NAME)
        return visitors.decode(value) if value and self.consent else None

    @cached_property
    def new_cookie(self) -> Cookie:
        return visitors.new_cookie()

    @property
    def visitor(self) -> Cookie | None:
        """The browser's cookie, or the one it is going to get; None when it may have none."""
        if self.cookie is None and (not self.consent or self.is_crawler):
            return None
        return self.cookie or self.new_cookie

    @cached_property
    def is_crawler(self) -> bool:
        return is_crawler(self.request)

    @property
    def user(self) -> Any:
        """The user who is logged in, or None. May cost the statements of session and user."""
        user = getattr(self.request, "user", None)
        known = isinstance(user, get_user_model()) and user.is_authenticated
        return user if known else None

    @property
    def user_pk(self) -> str | None:
        """The user's primary key as text, "" for nobody, None when the request did not look;
        reading it costs no statement and makes the response depend on nothing more."""
        session: Any = getattr(self.request, "session", None)
        if not getattr(session, "accessed", False):
            return None
        return str(session.get(SESSION_KEY, ""))[:64]

    @cached_property
    def own_campaign(self) -> str:
        """The campaign that the address of this request names."""
        return _campaign(self.request.GET)

    @property
    def campaign(self) -> str:
        """The campaign that brought the visitor: of this address, of the page before, or of the
        cookie."""
        remembered = self.cookie.current_campaign if self.cookie else ""
        return self.own_campaign or self._campaign_before or remembered

    @property
    def _campaign_before(self) -> str:
        """A form is often sent to the address of its page without the query string."""
        try:
            before = urlsplit(self.request.headers.get("Referer", ""))
            ours = before.netloc == self.request.get_host()
        except (ValueError, DisallowedHost):
            return ""
        return _campaign(dict(parse_qsl(before.query))) if ours else ""

    @property
    def url(self) -> str:
        """The address of the page, without query string: that may hold anything."""
        return self.address_of(escape_uri_path(self.request.path))

    def address_of(self, path: str) -> str:
        """A path of this site as a full address."""
        try:
            return self.request.build_absolute_uri(path)[:LONGEST_URL]
        except DisallowedHost:
            return path[:LONGEST_URL]

    def complete(self, facts: Facts) -> Facts:
        """The facts with what the request knows filled in where nothing is said."""
        return replace(
            facts,
            url=facts.url or self.url,
            page_id=self.page_id if facts.page_id is None else facts.page_id,
            campaign=facts.campaign or self.campaign,
        )


def _campaign(query: Mapping[str, Any]) -> str:
    return clean_text(str(query.get(CAMPAIGN, "")))[:LONGEST_CAMPAIGN].strip()


_current: ContextVar[RequestContext | None] = ContextVar("salesforce_request", default=None)
_acting: ContextVar[RequestContext | None] = ContextVar("salesforce_visitor_acts", default=None)


def current() -> RequestContext | None:
    """The context of the request at hand; None without the middleware and outside of requests."""
    return _current.get()


def acting() -> RequestContext | None:
    """The same, but only while what is recorded was done by the visitor who sent the request."""
    return _acting.get()


@contextmanager
def entered(request: HttpRequest) -> Iterator[RequestContext]:
    """The block serves this request."""
    with _set(_current, RequestContext(request)) as context:
        yield context


@contextmanager
def visitor_acts(it_does: bool = True) -> Iterator[None]:
    """What the block records was done by the visitor of the request at hand, or was not.

    Without it nothing is: an editor who imports the submissions of others must not be taken for
    them.
    """
    with _set(_acting, current() if it_does else None):
        yield


@contextmanager
def _set(variable: ContextVar[Any], value: Any) -> Iterator[Any]:
    token = variable.set(value)
    try:
        yield value
    finally:
        variable.reset(token)
