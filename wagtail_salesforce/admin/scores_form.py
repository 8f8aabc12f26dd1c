"""A score's own fields; its rules are kept on its page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from wagtail.admin.forms.models import WagtailAdminModelForm

from wagtail_salesforce.scoring.held import TOTAL_BOUND
from wagtail_salesforce.scoring.models import Score
from wagtail_salesforce.scoring.notify import addresses, bad_addresses


class ScoreForm(WagtailAdminModelForm):
    """Name, description, whether it is on, and who is told when a contact reaches a limit."""

    class Meta(WagtailAdminModelForm.Meta):
        model = Score
        fields = ["name", "description", "enabled", "notify_at", "notify_addresses"]
        widgets = {"notify_addresses": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["description"].widget.attrs["rows"] = 2
        self.fields["enabled"].help_text = _(
            "While it is off, points are not kept up to date. They are recalculated when it is "
            "switched on again."
        )
        self.fields["notify_at"].label = _("Notify at points")
        self.fields["notify_at"].help_text = _(
            "When a contact reaches so many points, an e-mail tells of it: once each time the "
            "limit is crossed from below. Leave it empty to tell nobody."
        )
        self.fields["notify_addresses"].label = _("Notify these addresses")
        self.fields["notify_addresses"].help_text = _("E-mail addresses, one on each line.")

    def clean_notify_at(self) -> int | None:
        limit = self.cleaned_data["notify_at"]
        if limit is not None and not 1 <= limit <= TOTAL_BOUND:
            raise ValidationError(_("Give a number of points from 1 to 2,000,000,000."))
        return limit

    def clean_notify_addresses(self) -> str:
        text = self.cleaned_data["notify_addresses"]
        if bad := bad_addresses(text):
            words = {"addresses": ", ".join(bad)}
            raise ValidationError(
                _("Not an e-mail address: %(addresses)s. Correct it or take it out.") % words
            )
        return "\n".join(addresses(text))
