"""A site that records visits, with a form."""

from __future__ import annotations

from unittest import mock

import pytest
from wagtail.models import Page

from tests.contacts.making import connect, make_form
from tests.contacts.visiting import MIDDLEWARE, own_settings


@pytest.fixture(autouse=True)
def site(settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, MIDDLEWARE]
    settings.WAGTAIL_SALESFORCE = own_settings()


@pytest.fixture
def page(db):
    page = make_form()
    connect(page)
    return page


@pytest.fixture
def reads_session():
    """A site whose pages look at the user."""

    def read(self, request, *args, **kwargs):
        return {**original(self, request), "logged_in": request.user.is_authenticated}

    original = Page.get_context
    with mock.patch.object(Page, "get_context", read):
        yield
