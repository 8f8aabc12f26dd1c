"""Page visits of people who are logged in."""

from __future__ import annotations

from unittest import mock

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from wagtail.models import Page

from tests.contacts.visiting import (
    ADA,
    browser,
    cookie_of,
    known,
    later,
    log_in,
    minute,
    own_settings,
)
from wagtail_salesforce.contacts.models import Contact, Visitor


@pytest.mark.usefixtures("reads_session")
def test_visits_belong_to_the_account_before_the_browser(page):
    client = browser()
    client.get("/")
    client.get(f"/{page.slug}/")
    minute()
    nobody = Contact.objects.get()
    user = log_in(client)
    ada = Contact.objects.create(email=ADA, user=user)
    with later(1):
        client.get("/")
    minute()

    assert not Contact.objects.filter(pk=nobody.pk).exists()
    assert ada.activities.count() == 3
    assert Visitor.objects.get().contact == ada


@pytest.mark.usefixtures("reads_session")
def test_before_and_after_login_within_one_minute(page):
    client = browser()
    client.get("/")
    client.get(f"/{page.slug}/")
    ada = Contact.objects.create(email=ADA, user=log_in(client))
    with later(1):
        client.get("/")
    assert minute() == 3
    assert ada.activities.count() == 3
    assert Contact.objects.count() == 1


@pytest.mark.usefixtures("reads_session")
def test_at_the_browser_of_somebody_else_the_account_counts(page):
    client = browser()
    ada = known(client, page)
    bob = Contact.objects.create(email="bob@example.org", user=log_in(client))
    client.get("/")
    minute()
    assert bob.activities.count() == 1
    assert Visitor.objects.get().contact == ada


@pytest.mark.usefixtures("reads_session")
@pytest.mark.parametrize("exists", [True, False])
def test_a_verified_account_has_a_contact(page, settings, exists):
    settings.WAGTAIL_SALESFORCE = own_settings(VERIFIED_USERS="tests.contacts.visiting.always")
    if exists:
        Contact.objects.create(email=ADA)
    client = browser()
    user = log_in(client)
    client.get("/")
    with later(1):
        client.get("/")
    minute()
    ada = Contact.objects.get()
    assert (ada.email, ada.user, ada.activities.count()) == (ADA, user, 2)


@pytest.mark.usefixtures("reads_session")
def test_an_unverified_account_stays_anonymous(page):
    Contact.objects.create(email=ADA)
    client = browser()
    log_in(client)
    client.get("/")
    client.get(f"/{page.slug}/")
    minute()
    assert Contact.objects.get(email=ADA).activities.count() == 0
    assert Contact.objects.get(email="").user is None


def editor(kind):
    user = get_user_model().objects.create_user("editor", "editor@example.org")
    if kind == "superuser":
        user.is_superuser = True
        user.save()
    permission = Permission.objects.get(codename="access_admin")
    if kind == "permission":
        user.user_permissions.add(permission)
    if kind == "group":
        group = Group.objects.create(name="Some editors")
        group.permissions.add(permission)
        user.groups.add(group)
    return user


@pytest.mark.usefixtures("reads_session")
@pytest.mark.parametrize("kind", ["superuser", "permission", "group"])
def test_editors_are_no_visitors(page, kind):
    client = browser()
    client.force_login(editor(kind))
    client.get("/")
    client.get(f"/{page.slug}/")
    assert minute() == 2
    assert not Contact.objects.exists()


def test_pages_that_do_not_look_at_the_user_go_by_the_last_that_did(page):
    """So that an editor is none on pages either that read no session."""
    client = browser()
    client.force_login(editor("superuser"))
    session = client.cookies["sessionid"].value
    with mock.patch.object(
        Page, "get_context", lambda self, request: {"user": bool(request.user.pk)}
    ):
        client.get("/")
    assert cookie_of(client).user_pk
    client.get(f"/{page.slug}/")
    assert client.cookies["sessionid"].value == session
    minute()
    assert not Contact.objects.exists()
