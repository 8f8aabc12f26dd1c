"""What the settings of replication show besides their form."""

from __future__ import annotations

from typing import Any

from wagtail_salesforce.admin.description_names import insertable_groups
from wagtail_salesforce.admin.description_views import contact_form
from wagtail_salesforce.admin.forms_replication import ReplicationForm
from wagtail_salesforce.admin.settings_counts import sentences


def settings_context(user: Any, form: ReplicationForm) -> dict[str, Any]:
    """The names to insert, the contact to try the description on, and the counts.

    The counts are those of the form as it is shown, stored or refused.
    """
    chosen = {
        "consent": form["consent_attribute"].value(),
        "audience": form["audience"].value(),
        "minimum_points": form["minimum_points"].value(),
    }
    return {
        "insertable_groups": insertable_groups(),
        "description_contact_form": contact_form(user),
        "settings_counts": sentences({name: _text(value) for name, value in chosen.items()}),
    }


def _text(value: Any) -> str:
    return "" if value is None else str(value)
