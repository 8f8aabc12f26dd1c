"""Contacts → Attributes."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin import messages
from wagtail.admin.views import generic

from wagtail_salesforce.admin.attributes_form import AttributeForm
from wagtail_salesforce.admin.attributes_use import remove_values, uses, with_choice, with_value
from wagtail_salesforce.admin.contacts_base import DeleteUnusedView, QuietViewSet
from wagtail_salesforce.contacts.models import Attribute


class AttributeEditView(generic.EditView):
    """Says who still holds a choice that was taken away."""

    def form_valid(self, form: AttributeForm) -> HttpResponse:
        response = super().form_valid(form)
        for choice in form.removed_choices:
            self._tell(choice, with_choice(self.object, choice).count())
        return response

    def _tell(self, choice: str, count: int) -> None:
        if count:
            text = ngettext(
                "%(count)d contact still holds “%(choice)s”, which is no choice any more. It "
                "stays there until somebody changes it.",
                "%(count)d contacts still hold “%(choice)s”, which is no choice any more. It "
                "stays there until somebody changes it.",
                count,
            )
            messages.warning(self.request, text % {"count": count, "choice": choice})


class AttributeDeleteView(DeleteUnusedView):
    """Refuses while the attribute is in use; else deletes it with its values."""

    @cached_property
    def uses(self) -> list[str]:
        return uses(self.object)

    @cached_property
    def values_count(self) -> int:
        return with_value(self.object).count()

    def delete_action(self) -> None:
        remove_values(self.object)
        super().delete_action()


class AttributeViewSet(QuietViewSet):
    """Editor-defined fields of contacts."""

    model = Attribute
    form_class = AttributeForm
    url_prefix = "salesforce/attributes"
    url_namespace = "wagtail_salesforce_attributes"
    menu_label = gettext_lazy("Attributes")
    menu_name = "salesforce-attributes"
    icon = "tag"
    inspect_view_enabled = False
    list_display = ["label", "name", "type"]
    search_fields = ["label", "name"]
    ordering = "label"
    create_template_name = "wagtail_salesforce/attributes/form.html"
    edit_template_name = "wagtail_salesforce/attributes/form.html"
    edit_view_class = AttributeEditView
    delete_view_class = AttributeDeleteView
