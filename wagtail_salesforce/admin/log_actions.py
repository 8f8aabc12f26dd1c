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
    "replicate_now": (_("Replicate now"), _("Replication started by hand")),
    "retry": (_("Retry contact"), _("Contact put back for another try")),
    "exclude": (_("Exclude contact"), _("Contact excluded from replication")),
    "include": (_("Include contact"), _("Contact included in replication again")),
    "replicate": (_("Replicate contact"), _("Contact sent by hand")),
}


def register(actions: Any) -> None:
    """Make the actions known to Wagtail's registry."""
    for name, (label, message) in ACTIONS.items():
        actions.register_action(f"wagtail_salesforce.{name}", label, message)
