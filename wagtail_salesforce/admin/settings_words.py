"""The labels and help texts of the replication settings."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _


ASSIGNMENT_CHOICES = [
    ("off", _("Off: leads belong to the integration user, or to the mapped owner")),
    ("active", _("The organization's active assignment rule")),
    ("one", _("One assignment rule, by its id")),
]

LABELS = {
    "enabled": _("Replicate contacts to Salesforce"),
    "keep_leads_updated": _("Keep leads updated"),
    "mapping": _("Mapping"),
    "schedule_enabled": _("Run on a schedule"),
    "lead_description": _("Template"),
    "default_company_name": _("Default company name"),
    "duplicates": _("When Salesforce reports a duplicate"),
    "deleted_leads": _("When a lead was deleted in Salesforce"),
}

HELP_TEXTS = {
    "enabled": _("While this is off, a run does nothing."),
    "keep_leads_updated": _(
        "On: when a contact changes, its lead is changed too. Off: each contact is sent once."
    ),
    "mapping": _("Says which value fills which Lead field."),
    "schedule_enabled": _(
        "Off: contacts are sent only when somebody presses “Replicate now” or a command is run."
    ),
    "default_company_name": _(
        "Salesforce asks for a company with every lead. This name is used for contacts "
        "without one, for example “Unknown”."
    ),
    "duplicates": _(
        "When the organization's own duplicate rules find that there is such a lead already."
    ),
    "deleted_leads": _("When somebody has deleted the lead of a contact that changes here."),
}
