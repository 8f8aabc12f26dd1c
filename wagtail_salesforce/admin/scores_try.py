"""Trying a rule, saved or not, on a contact: what it would give and why. Stores nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_salesforce.admin.contacts_access import may_see_contacts
from wagtail_salesforce.admin.contacts_find import ContactReferenceField
from wagtail_salesforce.admin.scores_access import explanation_url
from wagtail_salesforce.admin.scores_rule_forms import RuleForm
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.scoring.models import Score
from wagtail_salesforce.scoring.reasons import Reason, try_on


class TryForm(forms.Form):
    """Names the contact to try a rule or a score on."""

    prefix = "try"

    contact = ContactReferenceField(
        label=gettext_lazy("Contact"),
        help_text=gettext_lazy("E-mail address, or # and the contact's number."),
        # Saving the rule needs no contact, so there is no star beside it.
        required=False,
    )

    def clean_contact(self) -> Contact:
        contact = self.cleaned_data["contact"]
        if contact is None:
            raise ValidationError(_("Enter the e-mail address of a contact."))
        return contact


@dataclass(frozen=True)
class Trial:
    """What came out: the contact and the reason for its points, or what is still wrong."""

    contact: Contact | None = None
    reason: Reason | None = None
    contact_url: str = ""
    errors: tuple[str, ...] = ()


def try_form(user: Any, data: Any = None) -> TryForm | None:
    """The form for those who may see contacts, None for others."""
    return TryForm(data) if may_see_contacts(user) else None


def trial(score: Score, rule_form: RuleForm, named: TryForm) -> Trial:
    """Put the rule as entered to the contact named."""
    if not named.is_valid():
        return Trial()
    if not rule_form.is_valid():
        return Trial(errors=(_("The rule is not complete yet. Correct or fill in its fields."),))
    contact = named.cleaned_data["contact"]
    reason = try_on(contact, rule_form.instance)
    return Trial(contact, reason, explanation_url(score.pk, contact.pk))
