"""What somebody may do on the panel, and whom to ask for the rest."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from wagtail_salesforce.admin.permissions import (
    ADD_MAPPING,
    AUTHORIZE,
    CHANGE_MAPPING,
    CHANGE_SETTINGS,
    CONNECT_FORMS,
    RUN,
    VIEW_LINKS,
    VIEW_RUNS,
    may,
)
from wagtail_salesforce.admin.resend_access import may_resend
from wagtail_salesforce.admin.scores_access import may_see_scores
from wagtail_salesforce.exceptions import Text


Rights = dict[str, bool]

#: The rights by the names that templates use.
RIGHTS = {
    "authorize": AUTHORIZE,
    "settings": CHANGE_SETTINGS,
    "mapping": CHANGE_MAPPING,
    "new_mapping": ADD_MAPPING,
    "run": RUN,
    "runs": VIEW_RUNS,
    "links": VIEW_LINKS,
}

#: What to read where somebody may not go the way themselves.
ASK: dict[str, Text] = {
    "authorize": _("Ask somebody who may authorize an organization."),
    "settings": _("Ask somebody who may change the replication settings."),
    "mapping": _("Ask somebody who may change mappings."),
    "new_mapping": _("Ask somebody who may create mappings."),
    "resend": _("Ask somebody who may run replication, and change mappings or the settings."),
    "scores": _("Ask somebody who may change scores."),
    "forms": _("Ask somebody who may connect forms."),
}


def rights_of(user: Any) -> Rights:
    """What this person may do here."""
    held = {name: may(user, permission) for name, permission in RIGHTS.items()}
    return held | {
        "scores": may_see_scores(user),
        "resend": may_resend(user),
        "forms": may(user, *CONNECT_FORMS),
    }
