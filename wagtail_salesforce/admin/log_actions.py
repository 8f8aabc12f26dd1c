"""The actions of this package in Wagtail's audit log. Their data holds ids and counts only."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _


#: action: (its name in the log, what it says there)
ACTIONS = {
    "save_access": (_("Change organization access"), _("Organization access changed")),
    "authorize": (_("Authorize organization"), _("Organization authorized")),
    "clear": (_("Clear authorization"), _("Authorization cleared")),
    "confirm_site": (_("Confirm site"), _("Connection confirmed for this site")),
    "start_over": (_("Start over"), _("Lead links started over for a new organization")),
    "change_settings": (_("Change replication settings"), _("Replication settings changed")),
    "import_config": (_("Import set-up"), _("Set-up imported from a document")),
    "resend": (_("Send contacts again"), _("Contacts that have a lead are sent again")),
    "leave_leads": (_("Leave leads"), _("Leads left as they are after a change")),
    "replicate_now": (_("Replicate now"), _("Replication started by hand")),
    "retry": (_("Retry contact"), _("Contact put back for another try")),
    "exclude": (_("Exclude contact"), _("Contact excluded from replication")),
    "include": (_("Include contact"), _("Contact included in replication again")),
    "change_inactive_rule": (
        _("Change inactive contacts"),
        _("Rule for inactive contacts changed"),
    ),
    "replicate": (_("Replicate contact"), _("Contact sent by hand")),
    "add_activity": (_("Add activity"), _("Activity added by hand")),
    "require": (_("Mark as required"), _("Contact marked as required for Salesforce")),
    "require_not": (_("Mark as not required"), _("Contact marked as not required any more")),
    "erase": (_("Erase contact"), _("Contact erased")),
    "merge": (_("Merge contacts"), _("Another contact merged into this one")),
    "export_person": (_("Export a person"), _("All that is known of the contact exported")),
    "import_contacts": (_("Import contacts"), _("Import of contacts started")),
    "forget_import": (_("Delete imported file"), _("Imported file deleted")),
}


def register(actions: Any) -> None:
    """Make the actions known to Wagtail's registry."""
    for name, (label, message) in ACTIONS.items():
        actions.register_action(f"wagtail_salesforce.{name}", label, message)
