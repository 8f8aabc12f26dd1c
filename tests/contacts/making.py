"""Makes form pages, connects them and submits them as a visitor does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.test import Client
from wagtail.models import Locale, Page, Site

from tests.testapp.models import FormField, FormPage, OwnFormField, OwnFormPage
from wagtail_salesforce.contacts.models import FormConnection


QUOTE_FIELDS = (
    ("Your name", "singleline"),
    ("Your e-mail", "email"),
    ("Company", "singleline"),
    ("Message", "multiline"),
)
QUOTE_TARGETS = {
    "your_name": {"field": "last_name"},
    "your_e_mail": {"field": "email"},
    "company": {"field": "company_name"},
    "message": {"field": "notes"},
}


def home() -> Page:
    """The page under which the forms stand; tests that empty the tables need a new one."""
    site = Site.objects.filter(is_default_site=True).first()
    if site is None:
        Locale.objects.get_or_create(language_code=settings.LANGUAGE_CODE)
        root = Page.get_first_root_node() or Page.add_root(title="Root", slug="root")
        start = root.add_child(instance=Page(title="Home", slug="home"))
        site = Site.objects.create(root_page=start, is_default_site=True)
    return site.root_page


def make_form(
    slug: str = "quote",
    fields: Iterable[tuple[str, str]] = QUOTE_FIELDS,
    *,
    own: bool = False,
    choices: str = "",
) -> Any:
    """A published form page; `own` gives it a submission class of the site's own."""
    page_class, field_class = (OwnFormPage, OwnFormField) if own else (FormPage, FormField)
    page = home().add_child(instance=page_class(title=slug.capitalize(), slug=slug))
    for label, kind in fields:
        field_class.objects.create(
            page=page, label=label, field_type=kind, required=False, choices=choices
        )
    return page_class.objects.get(pk=page.pk)


def connect(page: Any, targets: dict[str, Any] | None = None, **kwargs: Any) -> FormConnection:
    return FormConnection.objects.create(
        name=kwargs.pop("name", page.title),
        page_id=page.pk,
        fields=QUOTE_TARGETS if targets is None else targets,
        **kwargs,
    )


def submit(page: Any, client: Client | None = None, **data: Any) -> Any:
    """Post the form as a visitor does, and check that they see the landing page."""
    response = (client or Client()).post(f"/{page.slug}/", data)
    assert response.status_code == 200
    assert "Thank you" in response.content.decode()
    return page.get_submission_class().objects.latest("pk")
