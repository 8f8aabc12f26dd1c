"""A form field for any number of pages, each with Wagtail's own page chooser."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from wagtail.admin.widgets import AdminPageChooser

from wagtail_salesforce.admin.form_connections_pages import page_model


class PageList(forms.Widget):
    """One chooser for each page and an empty one for the next."""

    is_hidden = False

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.chooser = AdminPageChooser(choose_one_text=_("Choose a page"))

    @property
    def media(self) -> forms.Media:
        return self.chooser.media

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        base = (attrs or {}).get("id", f"id_{name}")
        drawn = (
            (self.chooser.render(name, page, {"id": f"{base}_{number}"}),)
            for number, page in enumerate([*filter(_is_number, value or []), None])
        )
        items = format_html_join("", '<li class="wsc-pages__item">{}</li>', drawn)
        return format_html_join("", '<ul class="wsc-pages">{}</ul>', [(items,)])

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        given = data.getlist(name) if hasattr(data, "getlist") else data.get(name) or []
        return [value for value in given if value]

    def id_for_label(self, id_: str) -> str:
        """A list has no single input that a label could point to."""
        return ""


class PagesField(forms.Field):
    """Gives the ids of pages that exist, each once."""

    widget = PageList

    def to_python(self, value: Any) -> list[int]:
        return list(dict.fromkeys(map(_number, value or [])))

    def validate(self, value: Any) -> None:
        super().validate(value)
        if len(existing(value)) < len(value):
            raise ValidationError(_unknown())

    def has_changed(self, initial: Any, data: Any) -> bool:
        return [str(page) for page in initial or []] != [str(page) for page in data or []]


def existing(page_ids: Iterable[int]) -> set[int]:
    """Those of these ids that belong to a page."""
    pages = page_model().objects.filter(pk__in=list(page_ids))
    return set(pages.values_list("pk", flat=True))


def _is_number(value: Any) -> bool:
    """Whether this can be the id of a page at all."""
    return str(value).isdecimal() and len(str(value)) <= 18


def _number(value: Any) -> int:
    if not _is_number(value):
        raise ValidationError(_unknown())
    return int(value)


def _unknown() -> str:
    return _("One of these pages does not exist. Choose pages of this site.")
