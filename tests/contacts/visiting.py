"""A browser that visits the test site, with a banner that asks for consent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import time_machine
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from tests.contacts.making import submit
from wagtail_salesforce.contacts import visitors
from wagtail_salesforce.contacts.models import Activity, Contact, VisitBuffer
from wagtail_salesforce.contacts.request_context import current
from wagtail_salesforce.contacts.visits_batch import move_visits
from wagtail_salesforce.middleware import VisitorMiddleware


ADA = "ada@example.org"
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


def waiting() -> int:
    """How many visits the next batch will find."""
    return VisitBuffer.objects.count()


def known(client: Client, page: Any, email: str = ADA) -> Contact:
    """A browser whose contact is known and whose cookie has nothing left to tell."""
    client.get("/")
    submit(page, client, your_e_mail=email)
    minute()
    Activity.objects.filter(type="page_visit").delete()
    return Contact.objects.get(email=email)


def later(minutes: float) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=False)


def log_in(client: Client, **kwargs: Any) -> Any:
    user = get_user_model().objects.create_user(**{"username": "ada", "email": ADA, **kwargs})
    client.force_login(user)
    return user


def visit(key: str = "k", page_id: int = 1, seconds: float = 0, **kwargs: Any) -> VisitBuffer:
    """A visit that waits for the batch."""
    moment = timezone.now() + timedelta(seconds=seconds)
    return VisitBuffer(
        **{"key": key, "page_id": page_id, "url": "/", "occurred_at": moment, **kwargs}
    )


def respond_with(headers: Any = None, error: Any = None) -> VisitorMiddleware:
    """The middleware around a view of the site's own."""

    def view(request: Any) -> HttpResponse:
        assert current().request is request
        current().page_id = 1
        if error:
            raise error
        return HttpResponse("<html>", headers=headers)

    return VisitorMiddleware(view)
