"""The settings of replication: who goes, how, and what protects the organization."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.mapping.description import check_description
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.scoring.models import Score


ALL_CONTACTS = "all"
MOST_MINUTES = 7 * 24 * 60

ASSIGNMENT_CHOICES = [
    ("off", gettext_lazy("Off: leads belong to the integration user, or to the mapped owner")),
    ("active", gettext_lazy("The organization's active assignment rule")),
    ("one", gettext_lazy("One assignment rule, by its id")),
]

#: Assignment rules have ids of 15 or 18 characters that begin with 01Q.
rule_id_validator = RegexValidator(
    r"^01Q[A-Za-z0-9]{12}([A-Za-z0-9]{3})?$",
    gettext_lazy("The id of an assignment rule begins with 01Q and has 15 or 18 characters."),
)


class ReplicationForm(forms.ModelForm):
    """Everything on the panel but the organization access. `save()` stores all of it or nothing."""

    audience = forms.ChoiceField(
        label=gettext_lazy("Contacts to replicate"),
        help_text=gettext_lazy("All contacts, or only those with enough points in a score."),
    )
    assignment = forms.ChoiceField(
        label=gettext_lazy("Lead assignment rule"),
        choices=ASSIGNMENT_CHOICES,
        widget=forms.RadioSelect,
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
    )

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
        labels = {
            "enabled": gettext_lazy("Replicate contacts to Salesforce"),
            "keep_leads_updated": gettext_lazy("Keep leads updated"),
            "mapping": gettext_lazy("Mapping"),
            "batch_size": gettext_lazy("Contacts in one API call"),
            "minimum_points": gettext_lazy("Minimum points"),
            "schedule_enabled": gettext_lazy("Run on a schedule"),
            "schedule_minutes": gettext_lazy("Minutes between runs"),
            "lead_description": gettext_lazy("Template"),
            "default_company_name": gettext_lazy("Default company name"),
            "api_reserve_percent": gettext_lazy("Daily API calls to leave alone (percent)"),
            "duplicates": gettext_lazy("When Salesforce reports a duplicate"),
            "deleted_leads": gettext_lazy("When a lead was deleted in Salesforce"),
        }
        help_texts = {
            "enabled": gettext_lazy("While this is off, a run does nothing."),
            "keep_leads_updated": gettext_lazy(
                "On: a contact that changes is sent again. Off: each contact is sent once."
            ),
            "mapping": gettext_lazy("Says which value fills which Lead field."),
            "batch_size": gettext_lazy("1 to 1,000. Larger batches use fewer API calls."),
            "minimum_points": gettext_lazy(
                "A contact goes to Salesforce once its points in the score reach this number. "
                "At 0, contacts without points go too."
            ),
            "schedule_minutes": gettext_lazy("How long to wait from one run to the next."),
            "default_company_name": gettext_lazy(
                "Salesforce asks for a company with every lead. This name is used for contacts "
                "without one, for example “Unknown”."
            ),
            "api_reserve_percent": gettext_lazy(
                "This share of the organization's daily API calls is left for its other "
                "applications. Replication waits when the rest is used up."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["mapping"].empty_label = _("Choose a mapping")
        fields["default_company_name"].required = True
        fields["audience"].choices = self._audiences()
        fields["consent_attribute"].choices = self._consents()
        self._add_limits()
        self.initial.update(self._initial_choices())

    def _add_limits(self) -> None:
        for name, least, most in (
            ("batch_size", 1, 1000),
            ("minimum_points", 0, 2**31 - 1),
            ("schedule_minutes", 1, MOST_MINUTES),
            ("api_reserve_percent", 0, 99),
        ):
            field = self.fields[name]
            field.validators += [MinValueValidator(least), MaxValueValidator(most)]
            field.widget.attrs.update(min=least, max=most)

    def _audiences(self) -> list[tuple[str, str]]:
        """A score that was deleted never means everyone: the editor has to choose anew."""
        scores = [
            (str(score.pk), _("Contacts with enough points in “%(score)s”") % {"score": score.name})
            for score in Score.objects.all()
        ]
        gone = self.instance.by_score and self.instance.score is None
        prompt = [("", _("The score was deleted: choose again"))] if gone else []
        return [*prompt, (ALL_CONTACTS, _("All contacts")), *scores]

    def _consents(self) -> list[tuple[str, str]]:
        attributes = Attribute.objects.filter(type=FieldType.BOOLEAN.value)
        choices = [(attribute.name, attribute.label) for attribute in attributes]
        return [("", _("Consent is not asked for")), *choices, *self._missing_consent(choices)]

    def _missing_consent(self, choices: list[tuple[str, str]]) -> list[tuple[str, str]]:
        name = self.instance.consent_attribute
        if not name or name in dict(choices):
            return []
        return [(name, _("%(name)s (this attribute no longer exists)") % {"name": name})]

    def _initial_choices(self) -> dict[str, str]:
        settings = self.instance
        rule = settings.assignment_rule
        chosen = str(settings.score_id or "") if settings.by_score else ALL_CONTACTS
        return {
            "audience": chosen,
            "assignment": rule if rule in ("off", "active") else "one",
            "assignment_id": "" if rule in ("off", "active") else rule,
        }

    def clean_default_company_name(self) -> str:
        name = self.cleaned_data["default_company_name"].strip()
        if not name:
            raise forms.ValidationError(_("Enter a company name."))
        return name

    def clean_lead_description(self) -> str:
        text = self.cleaned_data["lead_description"]
        names = list(Attribute.objects.values_list("name", flat=True))
        problems = check_description(text, names)
        if problems:
            raise forms.ValidationError([str(problem) for problem in problems])
        return text

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        missing = data.get("assignment") == "one" and not data.get("assignment_id")
        if missing and "assignment_id" not in self.errors:
            self.add_error("assignment_id", _("Enter the id of the assignment rule."))
        return data

    def save(self, commit: bool = True) -> ReplicationSettings:
        data = self.cleaned_data
        chosen = data["audience"]
        score = None if chosen == ALL_CONTACTS else Score.objects.get(pk=chosen)
        self.instance.choose_score(score)
        rule = data["assignment"]
        self.instance.assignment_rule = data["assignment_id"] if rule == "one" else rule
        return super().save(commit)
