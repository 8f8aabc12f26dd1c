"""The settings of replication: who goes, how, and what protects the organization."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_salesforce.admin import settings_conflict as conflict
from wagtail_salesforce.admin.description_check import refusals
from wagtail_salesforce.admin.settings_choices import (
    ALL_CONTACTS,
    Choices,
    audiences,
    consents,
    lost,
)
from wagtail_salesforce.admin.settings_fields import WholeNumberField
from wagtail_salesforce.admin.settings_words import ASSIGNMENT_CHOICES, HELP_TEXTS, LABELS
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.replication.settings_check import (
    MOST_MINUTES,
    MOST_PER_BATCH,
    MOST_POINTS,
    MOST_RESERVE,
    RULE_ID,
)
from wagtail_salesforce.scoring.models import Score


rule_id_validator = RegexValidator(
    rf"^{RULE_ID.pattern}\Z",
    gettext_lazy("The id of an assignment rule begins with 01Q and has 15 or 18 characters."),
)


class ReplicationForm(forms.ModelForm):
    """Everything on the panel but the organization access. `save()` stores all of it or nothing.

    Call `is_valid()` and `save()` in one transaction: the settings are locked while they are
    compared with what the page showed. `user` is who saves, for what they may be told of contacts.
    """

    audience = forms.ChoiceField(
        label=gettext_lazy("Contacts to replicate"),
        help_text=gettext_lazy("All contacts, or only those with enough points in a score."),
        error_messages={
            "required": gettext_lazy("Choose a score, or all contacts."),
            "invalid_choice": gettext_lazy(
                "That score no longer exists. Choose another one, or all contacts."
            ),
        },
    )
    minimum_points = WholeNumberField(
        least=0,
        most=MOST_POINTS,
        label=gettext_lazy("Minimum points"),
        help_text=gettext_lazy(
            "A contact goes to Salesforce once its points in the score reach this number. "
            "At 0, contacts without points go too."
        ),
    )
    schedule_minutes = WholeNumberField(
        least=1,
        most=MOST_MINUTES,
        label=gettext_lazy("Minutes between runs"),
        help_text=gettext_lazy("A run with nothing to send uses no API call."),
    )
    batch_size = WholeNumberField(
        least=1,
        most=MOST_PER_BATCH,
        label=gettext_lazy("Contacts in one API call"),
        help_text=gettext_lazy("1 to 1,000. Larger batches use fewer API calls."),
    )
    api_reserve_percent = WholeNumberField(
        least=0,
        most=MOST_RESERVE,
        label=gettext_lazy("Daily API calls to leave alone (percent)"),
        help_text=gettext_lazy(
            "This share of the organization's daily API calls is left for its other "
            "applications. Replication waits when the rest is used up."
        ),
    )
    assignment = forms.ChoiceField(
        label=gettext_lazy("Lead assignment rule"),
        choices=ASSIGNMENT_CHOICES,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("Who in Salesforce becomes the owner of a lead."),
    )
    assignment_id = forms.CharField(
        label=gettext_lazy("Id of the assignment rule"),
        required=False,
        max_length=18,
        validators=[rule_id_validator],
        help_text=gettext_lazy("For example 01Q5e000000AbCdEAK."),
    )
    consent_attribute = forms.ChoiceField(
        label=gettext_lazy("Consent"),
        required=False,
        help_text=gettext_lazy(
            "Nothing about a contact is sent unless this yes-or-no attribute is yes for them."
        ),
        error_messages={"invalid_choice": gettext_lazy("Choose a yes-or-no attribute.")},
    )

    class Media:
        js = [
            "wagtail_salesforce/contact-suggestions.js",
            "wagtail_salesforce/description.js",
            "wagtail_salesforce/settings-counts.js",
        ]

    class Meta:
        model = ReplicationSettings
        fields = [
            "enabled",
            "keep_leads_updated",
            "mapping",
            "batch_size",
            "minimum_points",
            "schedule_enabled",
            "schedule_minutes",
            "lead_description",
            "default_company_name",
            "api_reserve_percent",
            "duplicates",
            "deleted_leads",
            "consent_attribute",
        ]
        widgets = {
            "lead_description": forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
            "duplicates": forms.RadioSelect,
            "deleted_leads": forms.RadioSelect,
        }
        labels = LABELS
        help_texts = HELP_TEXTS
        error_messages = {
            "mapping": {
                "invalid_choice": gettext_lazy("That mapping no longer exists. Choose another one.")
            },
            "default_company_name": {
                "required": gettext_lazy(
                    "Enter a company name, for example “Unknown”: Salesforce takes no lead without."
                )
            },
        }

    def __init__(self, *args: Any, user: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        fields: dict[str, Any] = self.fields
        fields["mapping"].empty_label = _("Choose a mapping")
        fields["default_company_name"].required = True
        fields["audience"].choices = audiences(self.instance)
        fields["consent_attribute"].choices = self._consents()
        self.initial.update(self._initial_choices())
        self.shown = conflict.seal(conflict.values_of(self))

    def _consents(self) -> Choices:
        choices, stored = consents(), self.instance.consent_attribute
        self.lost_consent = "" if stored in dict(choices) else stored
        return [*choices, lost(stored)] if self.lost_consent else choices

    def _initial_choices(self) -> dict[str, str]:
        settings = self.instance
        rule = settings.assignment_rule
        chosen = str(settings.score_id or "") if settings.by_score else ALL_CONTACTS
        return {
            "audience": chosen,
            "assignment": rule if rule in ("off", "active") else "one",
            "assignment_id": "" if rule in ("off", "active") else rule,
        }

    def clean_lead_description(self) -> str:
        text = self.cleaned_data["lead_description"]
        problems = refusals(text, self.user, changed="lead_description" in self.changed_data)
        if problems:
            # One error of several lines: Wagtail would run several together into one.
            lines = ((each,) for each in problems)
            raise forms.ValidationError(format_html_join(SafeString("<br>"), "{}", lines))
        return text

    def clean_consent_attribute(self) -> str:
        name = self.cleaned_data["consent_attribute"]
        if name and name == self.lost_consent:
            raise forms.ValidationError(
                _("Nobody can agree with “%(name)s” any more. Choose another one, or restore it."),
                params={"name": name},
            )
        return name

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self._leave_alone_what_is_not_asked_for(data)
        self._check_what_belongs_together(data)
        self._check_for_others()
        return data

    def _leave_alone_what_is_not_asked_for(self, data: dict[str, Any]) -> None:
        """What the page does not show with these choices is neither checked nor changed."""
        asked_for = {
            "minimum_points": data.get("audience") != ALL_CONTACTS,
            "schedule_minutes": bool(data.get("schedule_enabled")),
            "assignment_id": data.get("assignment") == "one",
        }
        for name in (name for name, asked in asked_for.items() if not asked):
            self.errors.pop(name, None)
            data[name] = self.initial[name]

    def _check_what_belongs_together(self, data: dict[str, Any]) -> None:
        no_id = data.get("assignment") == "one" and not data.get("assignment_id")
        if no_id and "assignment_id" not in self.errors:
            self.add_error("assignment_id", _("Enter the id of the assignment rule."))
        if data.get("enabled") and not data.get("mapping") and "mapping" not in self.errors:
            text = _("Choose a mapping, or leave replication off until there is one.")
            self.add_error("mapping", text)

    def _check_for_others(self) -> None:
        """What somebody else has stored meanwhile is shown, never overwritten unseen."""
        seen = conflict.unseal(self.data.get(conflict.SHOWN))
        stored = ReplicationForm(instance=conflict.lock_settings())
        now = conflict.values_of(stored)
        self.shown = stored.shown
        # What runs note is no part of the form, and may be newer than what the page began with.
        self.instance.org_id = stored.instance.org_id
        self.instance.payload_key = stored.instance.payload_key
        mine = conflict.typed_in(self)
        # Without what the page showed, all that differs may be somebody else's.
        changed = [name for name in now if now[name] not in (mine[name], seen.get(name))]
        if not changed:
            return
        self.add_error(None, forms.ValidationError(conflict.message(), code="conflict"))
        for name in changed:
            self.add_error(name, conflict.told(stored, name, now[name]))
        # What was typed stays; what was left as it was shown is theirs now.
        untouched = [name for name in changed if mine[name] == seen.get(name)]
        self.data = conflict.replaced(self.data, {name: now[name] for name in untouched})

    def save(self, commit: bool = True) -> ReplicationSettings:
        data = self.cleaned_data
        chosen = data["audience"]
        score = None if chosen == ALL_CONTACTS else Score.objects.get(pk=chosen)
        self.instance.choose_score(score)
        rule = data["assignment"]
        self.instance.assignment_rule = data["assignment_id"] if rule == "one" else rule
        return super().save(commit)
