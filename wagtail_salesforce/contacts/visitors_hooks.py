"""What the site says of a request or a user, through the functions its settings name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils.module_loading import import_string

from wagtail_salesforce.conf import conf
from wagtail_salesforce.contacts.attempts import log_error


def consents(request: HttpRequest) -> bool | None:
    """Whether the visitor has agreed to the cookie, by the site's `COOKIE_CONSENT`.

    None when that fails: then no cookie is used, and none is deleted.
    """
    return _ask("COOKIE_CONSENT", conf().COOKIE_CONSENT, request)


def has_verified_email(user: Any) -> bool:
    """Whether the site knows that the user's e-mail address is theirs, by `VERIFIED_USERS`.

    Django itself verifies no address, so nobody's is verified unless the site says so.
    """
    return bool(_ask("VERIFIED_USERS", conf().VERIFIED_USERS, user))


def _ask(key: str, path: str | None, subject: Any) -> bool | None:
    if not path:
        return False
    try:
        function: Callable[[Any], Any] = import_string(path)
        return bool(function(subject))
    except Exception as error:  # noqa: BLE001 - it must not break the visitor's request
        log_error(f'The function of WAGTAIL_SALESFORCE["{key}"] failed', error)
        return None
