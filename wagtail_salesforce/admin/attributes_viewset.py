"""Contacts → Attributes and Contacts → Activity types."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms.models import WagtailAdminModelForm

from wagtail_salesforce.admin.attributes_use import remove_values, uses, with_value
from wagtail_salesforce.admin.contacts_base import DeleteUnusedView, QuietViewSet
from wagtail_salesforce.contacts.models import Attribute


class AttributeForm(WagtailAdminModelForm):
    """An attribute. Its name never changes, its type not once contacts have values."""

    class Meta(WagtailAdminModelForm.Meta):
        model = Attribute
        fields = ["label", "name", "type", "help_text"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["label"].help_text = _("What editors read, such as “Number of licences”.")
        if self.instance.pk:
            self.fields["name"].disabled = True
            self.fields["name"].help_text = _("The name cannot be changed.")

    def clean_type(self) -> str:
        kind = self.cleaned_data["type"]
        changed = bool(self.instance.pk) and kind != self.initial["type"]
        if changed and self.instance.has_values():
            raise ValidationError(
                _(
                    "Contacts already have values of this attribute, so its type cannot change. "
                    "Add another attribute of the type you need."
                )
            )
        return kind


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
    delete_view_class = AttributeDeleteView
