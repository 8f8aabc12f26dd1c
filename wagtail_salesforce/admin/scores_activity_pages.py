"""The part of an activity rule's form that names forms and pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_salesforce.admin.form_connections_pages import form_pages, page_titles
from wagtail_salesforce.admin.scores_pages_field import PagesField
from wagtail_salesforce.admin.scores_words import pages_of
from wagtail_salesforce.contacts.activity_types import FORM_SUBMISSION, PAGE_VISIT
from wagtail_salesforce.contacts.models import FormConnection
from wagtail_salesforce.scoring.models import Rule


def _checkboxes(label: Any, help_text: Any) -> forms.TypedMultipleChoiceField:
    return forms.TypedMultipleChoiceField(
        label=label,
        help_text=help_text,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class ActivityPages(forms.Form):
    """Forms are ticked by the names of their connections, other pages are chosen in the tree.

    Submissions happen on forms, visits on any page; other activities may happen on both.
    """

    pages = _checkboxes(
        gettext_lazy("Only on these forms"),
        gettext_lazy("Tick none to count it wherever it happens."),
    )
    other_pages = PagesField(
        label=gettext_lazy("Only on these pages"),
        help_text=gettext_lazy("Choose none to count it wherever it happens."),
        required=False,
    )
    gone_pages = _checkboxes(
        gettext_lazy("Pages that are gone"),
        gettext_lazy("Activities of the past still count there. Untick what is not wanted."),
    )

    # What the model form brings along.
    instance: Rule
    for_user: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._named = pages_of(self.instance)
        self._titles = page_titles(self._named)
        forms_offered = self._form_choices()
        self.fields["pages"].choices = list(forms_offered.items())  # type: ignore[attr-defined]
        self.fields["gone_pages"].choices = self._gone_choices()  # type: ignore[attr-defined]

    def _form_choices(self) -> dict[int, str]:
        """The forms that the editor may edit, and whatever form the rule names already."""
        names = dict(FormConnection.objects.values_list("page_id", "name"))
        offered = form_pages(self.for_user) if self.for_user else []
        titles = {page.pk: page.get_admin_display_title() for page in offered}
        if self.instance.activity_type == FORM_SUBMISSION:
            titles |= self._titles
        else:
            titles |= {page: title for page, title in self._titles.items() if page in names}
        return {page: _form_label(names.get(page), title) for page, title in titles.items()}

    def _gone_choices(self) -> list[tuple[int, str]]:
        text = _("The page number %(number)s")
        gone = [page for page in self._named if page not in self._titles]
        return [(page, text % {"number": page}) for page in gone]

    def stored(self) -> dict[str, Any]:
        """The initial values of these fields."""
        existing = [page for page in self._named if page in self._titles]
        offered = dict(self.fields["pages"].choices)  # type: ignore[attr-defined]
        visits = self.instance.activity_type == PAGE_VISIT
        ticked = [] if visits else [page for page in existing if page in offered]
        return {
            "pages": ticked,
            "other_pages": [page for page in existing if page not in ticked],
            "gone_pages": [page for page in self._named if page not in self._titles],
        }

    def chosen_pages(self, cleaned: dict[str, Any]) -> list[int]:
        """The pages that matter to the type of activity."""
        kind = cleaned["activity_type"]
        ticked = [] if kind == PAGE_VISIT else cleaned["pages"]
        others = [] if kind == FORM_SUBMISSION else cleaned["other_pages"]
        return list(dict.fromkeys([*ticked, *others, *cleaned["gone_pages"]]))


def _form_label(connection: str | None, title: str) -> str:
    if connection is None:
        return _("%(page)s (not connected yet)") % {"page": title}
    if connection == title:
        return title
    return _("%(connection)s (on the page %(page)s)") % {"connection": connection, "page": title}
