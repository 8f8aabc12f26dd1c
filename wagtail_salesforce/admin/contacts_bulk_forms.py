"""What an editor is asked before something is done with many contacts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminDateTimeInput

from wagtail_salesforce.admin.contacts_timeline import activity_type_labels


class BulkForm(forms.Form):
    """Nothing but what the page said when it asked: so many contacts, up to this number."""

    count = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    highest = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    @property
    def values(self) -> dict[str, Any]:
        """What the editor entered, as JSON."""
        return {}


class ActivityForm(BulkForm):
    """The activity to add."""

    type = forms.ChoiceField(
        label=gettext_lazy("Type"),
        help_text=gettext_lazy("Rules give points for the type, the title and the value."),
    )
    title = forms.CharField(
        label=gettext_lazy("Title"),
        help_text=gettext_lazy("For example: Visited our stand."),
        max_length=250,
        required=False,
    )
    value = forms.DecimalField(
        label=gettext_lazy("Value"),
        help_text=gettext_lazy(
            "A number that rules may multiply, such as that of licences. May stay empty."
        ),
        max_digits=20,
        decimal_places=4,
        required=False,
    )
    occurred_at = forms.DateTimeField(
        label=gettext_lazy("When"),
        help_text=gettext_lazy("Empty for now."),
        widget=AdminDateTimeInput,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = sorted(activity_type_labels().items(), key=lambda item: item[1].casefold())
        self.fields["type"].choices = [("", _("Choose a type")), *labels]  # type: ignore[attr-defined]

    def clean_occurred_at(self) -> Any:
        moment = self.cleaned_data["occurred_at"]
        if moment and moment > timezone.now():
            raise ValidationError(
                _("This is in the future. Enter when it happened, or leave it empty for now."),
                code="future",
            )
        return moment

    @property
    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "type": data["type"],
            "title": data["title"],
            "value": None if data["value"] is None else str(data["value"]),
            "occurred_at": (data["occurred_at"] or timezone.now()).isoformat(),
        }


class EraseForm(BulkForm):
    """Whether the leads go too."""

    delete_leads = forms.BooleanField(
        label=gettext_lazy("Delete their leads in Salesforce too"),
        help_text=gettext_lazy(
            "They are deleted there in the background. Otherwise they stay as they are."
        ),
        required=False,
    )

    @property
    def values(self) -> dict[str, Any]:
        return {"delete_leads": self.cleaned_data["delete_leads"]}
