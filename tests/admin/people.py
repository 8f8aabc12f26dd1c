"""People with and without the package's permissions."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from tests.first_data import put_back


def person(*permissions: str, name: str = "") -> Any:
    """Somebody who may enter the admin, and has these permissions of the package besides."""
    put_back()
    name = name or f"person{get_user_model().objects.count()}"
    user = get_user_model().objects.create_user(name, f"{name}@example.org", "pass")
    group = Group.objects.create(name=f"Group of {name}")
    codenames = ["access_admin", *permissions]
    found = list(
        Permission.objects.filter(
            codename__in=codenames,
            content_type__app_label__in=["wagtailadmin", "wagtail_salesforce"],
        )
    )
    assert {permission.codename for permission in found} == set(codenames)
    group.permissions.set(found)
    user.groups.add(group)
    return user


def client_of(*permissions: str) -> Client:
    """A browser of such a person, who has logged in already.

    As `force_login`, with one statement for its four: there are thousands of these people.
    """
    user, session = person(*permissions), SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


def messages_of(response: Any) -> list[str]:
    """What the page told, after the redirects."""
    return (
        [str(message).strip() for message in response.context["messages"]]
        if response.context
        else []
    )
