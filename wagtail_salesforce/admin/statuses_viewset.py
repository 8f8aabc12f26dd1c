"""Contacts → Statuses: the stages of the relationship with a contact."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms.models import WagtailAdminModelForm

from wagtail_salesforce.admin.contacts_base import DeleteUnusedView, QuietViewSet
from wagtail_salesforce.admin.statuses_use import in_use, uses
from wagtail_salesforce.contacts.choices import find_choice
from wagtail_salesforce.contacts.models import ContactStatus
from wagtail_salesforce.contacts.values import clean_text


class StatusForm(WagtailAdminModelForm):
    """A status. Contacts, rules and leads hold its name, so it stays once something does."""

    class Meta(WagtailAdminModelForm.Meta):
        model = ContactStatus
        fields = ["name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = self.fields["name"]
        name.help_text = _("Such as “Prospect” or “Customer”.")
        if self.instance.pk and in_use(self.instance.name):
            name.disabled = True
            name.help_text = _(
                "Contacts or rules use this status, so its name cannot be changed. Add another "
                "status instead."
            )

    def clean_name(self) -> str:
        name = clean_text(self.cleaned_data["name"])
        others = ContactStatus.objects.exclude(pk=self.instance.pk)
        if find_choice(name, others.values_list("name", flat=True)) is not None:
            raise ValidationError(
                _("There is a status of this name already, in this or another case."),
                code="unique",
            )
        return name


class StatusDeleteView(DeleteUnusedView):
    """Refuses while contacts have the status or rules test for it."""

    @cached_property
    def uses(self) -> list[str]:
        return uses(self.object.name)


class StatusViewSet(QuietViewSet):
    """Editor-defined statuses of contacts."""

    model = ContactStatus
    form_class = StatusForm
    url_prefix = "salesforce/statuses"
    url_namespace = "wagtail_salesforce_statuses"
    menu_label = gettext_lazy("Statuses")
    menu_name = "salesforce-statuses"
    icon = "flag"
    inspect_view_enabled = False
    list_display = ["name"]
    search_fields = ["name"]
    ordering = "name"
    delete_view_class = StatusDeleteView
