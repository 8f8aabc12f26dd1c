"""A browser that visits the test site, with a banner that asks for consent."""

from __future__ import annotations

from typing import Any

from django.test import Client

from wagtail_salesforce.contacts import visitors
from wagtail_salesforce.contacts.visits_batch import move_visits


MIDDLEWARE = "wagtail_salesforce.middleware.VisitorMiddleware"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def agreed(request: Any) -> bool:
    """The consent hook of the test site: its banner sets a cookie."""
    return request.COOKIES.get("consent") == "yes"


def failing(subject: Any) -> bool:
    raise RuntimeError("ada@example.org")


def always(subject: Any) -> bool:
    return True


def own_settings(**values: Any) -> dict[str, Any]:
    return {
        "ALLOW_LOOPBACK_ORG": True,
        "COOKIE_CONSENT": "tests.contacts.visiting.agreed",
        "PAGE_VISITS": True,
        **values,
    }


def browser(*, consent: bool = True, agent: str = FIREFOX) -> Client:
    client = Client(headers={"user-agent": agent})
    if consent:
        client.cookies["consent"] = "yes"
    return client


def cookie_of(client: Client) -> visitors.Cookie | None:
    """What the browser's cookie holds, or None when it has none."""
    morsel = client.cookies.get(visitors.NAME)
    return visitors.decode(morsel.value) if morsel and morsel.value else None


def minute() -> int:
    """What the schedule does every minute."""
    return move_visits()["visits"]
