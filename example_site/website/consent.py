"""The visitor's choice about cookies, as any site keeps it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST


COOKIE = "brambleworth_cookies"
HALF_A_YEAR = 60 * 60 * 24 * 182


def given(request: HttpRequest) -> bool:
    """Whether the visitor has agreed to being recognised; `COOKIE_CONSENT` names this function."""
    return request.COOKIES.get(COOKIE) == "yes"


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Keep the choice and go back to the page on which it was made."""
    target = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    response = redirect(target if safe else "/")
    choice = "yes" if request.POST.get("cookies") == "yes" else "no"
    response.set_cookie(
        COOKIE,
        choice,
        max_age=HALF_A_YEAR,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response
