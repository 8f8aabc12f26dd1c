"""Form pages of the test site."""

from __future__ import annotations

from typing import Any

from wagtail.models import Page, Site

from tests.first_data import put_back
from tests.testapp.models import FormField, FormPage


QUOTE_FIELDS = (
    ("Your email", "email"),
    ("First name", "singleline"),
    ("Last name", "singleline"),
    ("Licences", "number"),
    ("Message", "multiline"),
)


def form_page(slug: str = "quote", fields: Any = QUOTE_FIELDS, page_class: Any = FormPage) -> Any:
    """A published form page below the default site's root."""
    if not Site.objects.exists():
        put_back()
    root = Site.objects.get(is_default_site=True).root_page
    page = page_class(title=slug.capitalize(), slug=slug)
    root.add_child(instance=page)
    for order, (label, kind) in enumerate(fields):
        field_class = page.form_fields.model if hasattr(page.form_fields, "model") else FormField
        field = field_class(
            page=page, label=label, field_type=kind, required=False, sort_order=order
        )
        field.save()
    return Page.objects.get(pk=page.pk).specific
