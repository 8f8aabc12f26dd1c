"""What page visits cost the visitors, in statements."""

from __future__ import annotations

from unittest import mock

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError
from django.test import Client

from tests.contacts.making import submit
from tests.contacts.test_statements import counted
from tests.contacts.visiting import (
    ADA,
    MIDDLEWARE,
    browser,
    known,
    minute,
)
from wagtail_salesforce.contacts.models import Contact, VisitBuffer


@pytest.fixture
def without(settings):
    """A function that measures on a site that has no such middleware; with a client that has
    sent nothing yet, as each has loaded the middleware with its first request."""

    def measure(work):
        with_it = settings.MIDDLEWARE
        settings.MIDDLEWARE = [name for name in with_it if name != MIDDLEWARE]
        try:
            return len(counted(work))
        finally:
            settings.MIDDLEWARE = with_it

    return measure


@pytest.mark.parametrize("user", [False, True])
def test_a_page_view_costs_one_statement_at_most(page, without, user):
    def visitor():
        client = browser()
        if user:
            client.force_login(get_user_model().objects.get_or_create(username="ada")[0])
        return client

    address = f"/{page.slug}/?utm_campaign=x"
    client, other = visitor(), visitor()
    Client().get(address)
    plain = without(lambda: other.get(address))
    views = [len(counted(lambda: client.get(address))) for _each in range(3)]
    assert [number - plain for number in views] == [0, 1, 1]
    submit(page, client, your_e_mail=ADA)
    minute()
    assert len(counted(lambda: client.get(address))) - plain == 1


def test_in_the_admin_and_without_consent_it_costs_nothing(page, without):
    for address in ("/", "/admin/login/"):

        def view(address=address):
            browser(consent=False).get(address)

        view()
        assert len(counted(view)) == without(view)


@pytest.mark.parametrize("visits", [0, 1, 2])
@pytest.mark.parametrize("moved", [False, True])
def test_a_form_costs_two_statements_more_at_most(page, without, visits, moved):
    submit(page, your_e_mail="warm@example.org", your_name="Up")
    data = {"your_name": "Lovelace"}
    plain = without(lambda: submit(page, Client(), your_e_mail="bob@example.org", **data))
    client = browser()
    for _each in range(visits):
        client.get("/")
    if moved:
        minute()
    first = len(counted(lambda: submit(page, client, your_e_mail=ADA, **data)))
    # The one time that an anonymous contact gets its address, its due mark takes one more.
    assert first - plain <= (3 if moved and visits == 2 else 2)
    again = len(counted(lambda: submit(page, client, your_e_mail=ADA, **data)))
    known = without(lambda: submit(page, Client(), your_e_mail="bob@example.org", **data))
    assert again - known <= 2


@pytest.mark.usefixtures("reads_session")
@pytest.mark.parametrize("linked", [False, True])
def test_a_form_of_somebody_logged_in_costs_two_more_at_most(page, without, linked):
    """Where the site reads the user, which costs what it costs without us."""
    users = get_user_model().objects
    ada, bob = (users.create_user(name, f"{name}@example.org") for name in ("ada", "bob"))
    for user in (ada, bob):
        Contact.objects.create(email=user.email, user=user if linked else None)

    def send(user):
        client = browser()
        client.force_login(user)
        return lambda: submit(page, client, your_e_mail=user.email, your_name="X")

    submit(page, your_e_mail="warm@example.org", your_name="Up")
    assert len(counted(send(ada))) - without(send(bob)) <= 2


def test_a_database_that_refuses_does_not_keep_the_visitor_from_the_page(page, caplog):
    client = browser()
    known(client, page)
    with mock.patch.object(VisitBuffer, "save", side_effect=OperationalError("/quote/ locked")):
        assert client.get("/").status_code == 200
    assert "OperationalError" in caplog.text
    assert "/quote/" not in caplog.text
