"""The middleware by which visitors are recognised; see docs/visitors.md.

MIDDLEWARE = [..., "wagtail_salesforce.middleware.VisitorMiddleware"]
"""

from __future__ import annotations

from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from wagtail_salesforce.contacts.request_context import entered
from wagtail_salesforce.contacts.visits import finish


ADMINS = ("wagtailadmin_home", "admin:index")


class VisitorMiddleware:
    """Keeps the request at hand, so that what it records knows its visitor, and records visits.

    Works under WSGI and ASGI. Requests of the admin and previews pass untouched.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        if self.is_async:
            return self._serve(request)
        if is_work(request):
            return self.get_response(request)
        with entered(request) as context:
            response = self.get_response(request)
            finish(context, response)
            return response

    async def _serve(self, request: HttpRequest) -> Any:
        if is_work(request):
            return await self.get_response(request)
        with entered(request) as context:
            response = await self.get_response(request)
            await sync_to_async(finish)(context, response)
            return response


def is_work(request: HttpRequest) -> bool:
    """Whether somebody works on the site: in the admin, or looking at a preview."""
    return getattr(request, "is_dummy", False) or any(
        request.path.startswith(home) for home in _homes()
    )


def _homes() -> list[str]:
    homes = []
    for name in ADMINS:
        try:
            homes.append(reverse(name))
        except NoReverseMatch:
            continue
    return homes
