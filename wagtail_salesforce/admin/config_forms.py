"""The forms of the page "Export and import"."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core import signing
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_salesforce.admin.config_rights import PART_LABELS
from wagtail_salesforce.config_document.text import MOST_BYTES


# How long a previewed document may wait to be confirmed (seconds).
LONGEST_WAIT = 24 * 60 * 60
SALT = "wagtail_salesforce.config_document"


class PartsForm(forms.Form):
    """Which parts to export or import, of those that somebody may."""

    parts = forms.MultipleChoiceField(
        label=gettext_lazy("Parts"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one part.")},
    )

    def __init__(self, parts: Collection[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["parts"]
        field.choices = [(part, PART_LABELS[part]) for part in parts]
        self.initial.setdefault("parts", list(parts))


class ExportForm(PartsForm):
    """What to export."""


class UploadForm(PartsForm):
    """A document to import."""

    file = forms.FileField(
        label=gettext_lazy("JSON document"),
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
        error_messages={
            "required": gettext_lazy("Choose the file that an export has made."),
            "empty": gettext_lazy("The file is empty. Export it again."),
        },
    )
    field_order = ["file", "parts"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("prefix", "import")
        super().__init__(*args, **kwargs)

    def clean_file(self) -> bytes:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            message = _("The file is larger than %(most)d KB. Export and import it in parts.")
            raise forms.ValidationError(message % {"most": MOST_BYTES // 1024})
        content: bytes = file.read()
        return content


@dataclass(frozen=True)
class Waiting:
    """A document that somebody has looked at, but not confirmed yet.

    It waits in the page itself, signed and bound to the person, so that nothing has to be kept.
    """

    text: str
    parts: list[str]

    def sealed(self, user: Any) -> str:
        """As it stands in the page."""
        data = {"text": self.text, "parts": self.parts, "user": user.pk}
        return signing.dumps(data, salt=SALT, compress=True)

    @classmethod
    def opened(cls, sealed: str, user: Any) -> Waiting | None:
        """None for what is forged, too old, or somebody else's."""
        try:
            data = signing.loads(sealed, salt=SALT, max_age=LONGEST_WAIT)
        except signing.BadSignature:
            return None
        return cls(data["text"], data["parts"]) if data["user"] == user.pk else None
