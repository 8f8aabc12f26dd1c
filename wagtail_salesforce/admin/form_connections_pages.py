"""Form pages of the site: which there are, and which fields they have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import QuerySet
from wagtail.contrib.forms.models import FormMixin
from wagtail.contrib.forms.utils import get_form_types, get_forms_for_user


@dataclass(frozen=True)
class FormFieldInfo:
    """A field of a form page: `name` is its key in the submissions (the clean name)."""

    name: str
    label: str
    type: str
    type_label: str
    required: bool


def page_model() -> Any:
    """The site's base page model: Wagtail 8 lets a site have its own."""
    return apps.get_model(getattr(settings, "WAGTAIL_PAGE_MODEL", "wagtailcore.Page"))


def page_titles(page_ids: Iterable[int | None]) -> dict[int, str]:
    """The titles of these pages by id, read at once; pages that are gone are left out."""
    wanted = {page_id for page_id in page_ids if page_id}
    if not wanted:
        return {}
    pages = page_model().objects.filter(pk__in=wanted)
    return {page.pk: page.get_admin_display_title() for page in pages}


def any_form_page() -> bool:
    """Whether the site has a form page at all, whoever may edit it."""
    return bool(page_model().objects.filter(content_type__in=get_form_types()).exists())


def form_pages(user: Any) -> QuerySet:
    """The form pages that somebody may edit, and whose submissions they may see."""
    return get_forms_for_user(user).order_by("title", "pk")


def form_fields(page: Any) -> list[FormFieldInfo]:
    """The fields of a form page, of whatever class it is, in the order of the form."""
    return [_info(field) for field in page.specific.get_form_fields()]


def field_names(pages: Iterable[Any]) -> dict[int, set[str]]:
    """The names of the fields of each form page, by the page's id; `pages` are specific.

    One statement for each type of page, unless a type says by code of its own which it has.
    """
    found: dict[int, set[str]] = {}
    by_type: dict[type, list[int]] = {}
    for page in pages:
        if type(page).get_form_fields is FormMixin.get_form_fields:
            by_type.setdefault(type(page), []).append(page.pk)
            found[page.pk] = set()
        else:
            found[page.pk] = {field.clean_name for field in page.get_form_fields()}
    for page_type, ids in by_type.items():
        relation: Any = page_type._meta.get_field("form_fields")  # type: ignore[attr-defined]
        column = relation.field.attname
        fields = relation.related_model._default_manager.filter(**{f"{column}__in": ids})
        for page_id, name in fields.values_list(column, "clean_name"):
            found[page_id].add(name)
    return found


def _info(field: Any) -> FormFieldInfo:
    display = getattr(field, "get_field_type_display", None)
    return FormFieldInfo(
        name=field.clean_name,
        label=field.label,
        type=field.field_type,
        type_label=str(display() if display else field.field_type),
        required=bool(field.required),
    )
