"""The form of an attribute."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from wagtail.admin.forms.models import WagtailAdminModelForm

from wagtail_salesforce.contacts.choices import choice_problems, choices_of
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.contacts.values import clean_text


class AttributeForm(WagtailAdminModelForm):
    """An attribute. Its name never changes, its type not once contacts have values."""

    class Meta(WagtailAdminModelForm.Meta):
        model = Attribute
        fields = ["label", "name", "type", "choices", "help_text"]
        widgets = {"choices": forms.Textarea(attrs={"rows": 6})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.former_choices = choices_of(self.instance.choices)
        self.fields["label"].help_text = _("What editors read, such as “Number of licences”.")
        self.fields["choices"].help_text = _("One choice on each line.")
        if self.instance.pk:
            self.fields["name"].disabled = True
            self.fields["name"].help_text = _("The name cannot be changed.")

    @property
    def shows_choices(self) -> bool:
        """Whether the page opens with the box of choices; its script shows and hides it."""
        return self["type"].value() == FieldType.CHOICE.value

    @property
    def removed_choices(self) -> list[str]:
        """The choices that are gone, once the form is valid."""
        kept = choices_of(self.cleaned_data["choices"])
        return [choice for choice in self.former_choices if choice not in kept]

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

    def clean_choices(self) -> str:
        """One choice a line; other types than the choice have none, whatever the box holds."""
        if self.cleaned_data.get("type", self["type"].value()) != FieldType.CHOICE.value:
            return ""
        lines = choices_of(clean_text(self.cleaned_data["choices"]))
        problems = choice_problems(lines)
        if problems:
            raise ValidationError(problems)
        return "\n".join(lines)
