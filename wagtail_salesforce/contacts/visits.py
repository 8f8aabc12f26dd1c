"""Page visits as a request sees them: what is to be recorded and what the cookie is to hold.

A request writes one statement at most, into a table that nothing but `visits_batch` reads. A
browser's first page waits in its cookie and is written with the second one: programs that keep no
cookies leave no rows, and of people nothing is lost.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.encoding import escape_uri_path

from wagtail_salesforce.conf import conf
from wagtail_salesforce.contacts import visitors
from wagtail_salesforce.contacts.attempts import log_error
from wagtail_salesforce.contacts.models import VisitBuffer
from wagtail_salesforce.contacts.request_context import RequestContext, current
from wagtail_salesforce.contacts.visitors import Cookie, Landing
from wagtail_salesforce.contacts.visitors_forget import forget_browser
from wagtail_salesforce.contacts.visits_bots import is_ahead


#: The path of a first page, so that the longest cookie is shorter than the 4,096 bytes allowed.
LONGEST_PATH = 400


def noting_page(serve: Callable[..., Any]) -> Callable[..., Any]:
    """A link of Wagtail's chain that serves pages: notes which page the request got.

    The last link, so that it is not reached when another one asks for a password first.
    """

    def serve_and_note(page: Any, request: Any, args: Any, kwargs: Any) -> Any:
        if context := current():
            context.page_id = page.pk
        return serve(page, request, args, kwargs)

    return serve_and_note


def finish(context: RequestContext, response: Any) -> None:
    """Record the visit and set or delete the cookie; one statement at most, and none raises.

    Only when consent was withdrawn, once, it takes more.
    """
    try:
        _finish(context, response)
    except Exception as error:  # noqa: BLE001 - the visitor must get the page
        log_error("A page visit could not be recorded", error)


def _finish(context: RequestContext, response: Any) -> None:
    if visitors.NAME in context.request.COOKIES and context.consent is False:
        _withdraw(context, response)
        return
    shown = _is_shown_page(context, response)
    visited = shown and context.page_id is not None and conf().PAGE_VISITS
    named_campaign = context.own_campaign if shown else ""
    if not (visited or named_campaign or context.bound):
        return
    if context.visitor is not None and not context.is_crawler:
        _record(context, response, visited, named_campaign)


def _record(context: RequestContext, response: Any, visited: bool, campaign: str) -> None:
    now = time.time()
    former, may_set = context.cookie, visitors.may_carry(response)
    cookie = (former or context.new_cookie).with_campaign(campaign, now)
    if visited and context.user_pk is not None:
        cookie = replace(cookie, user_pk=context.user_pk)
    seen = [cookie.landing] if cookie.landing and may_set else []
    this = [_landing(context, now)] if visited else []
    comes_back = former is not None or context.bound
    kept = replace(cookie, landing=None if comes_back or not this else this[0])
    if may_set and kept != former:
        visitors.put(response, context.request, kept)
    _write(_visits(context, cookie, seen + (this if comes_back else [])))


def _withdraw(context: RequestContext, response: Any) -> None:
    """The visitor has taken back the consent: what the cookie stands for is forgotten."""
    if not visitors.may_carry(response):
        return
    visitors.drop(response)
    cookie = visitors.decode(context.request.COOKIES[visitors.NAME])
    if cookie:
        forget_browser(cookie.key)


def _is_shown_page(context: RequestContext, response: HttpResponseBase) -> bool:
    """Whether a person gets to see a page by this response."""
    request = context.request
    html = response.headers.get("Content-Type", "").startswith("text/html")
    return (
        request.method == "GET" and response.status_code == 200 and html and not is_ahead(request)
    )


def _landing(context: RequestContext, now: float) -> Landing:
    path = escape_uri_path(context.request.path)
    return Landing(context.page_id or 0, path[:LONGEST_PATH], now)


def _visits(context: RequestContext, cookie: Cookie, seen: list[Landing]) -> list[VisitBuffer]:
    """The rows of the pages that this browser has seen."""
    return [
        VisitBuffer(
            key=cookie.key,
            user_pk=cookie.user_pk,
            page_id=page.page_id,
            url=context.address_of(page.path),
            # A page visit has the campaign of its own address, not one that came before.
            campaign=cookie.campaign if int(page.at) == cookie.campaign_at else "",
            occurred_at=datetime.fromtimestamp(page.at, timezone.utc),
        )
        for page in seen
    ]


def _write(visits: list[VisitBuffer]) -> None:
    """One statement, without a transaction around it where one row is all."""
    if len(visits) == 1:
        visits[0].save(force_insert=True)
    elif visits:
        VisitBuffer.objects.bulk_create(visits)
