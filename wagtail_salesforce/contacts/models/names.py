"""Names that documents and code refer to."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _


name_validator = RegexValidator(
    r"^[a-z][a-z0-9_]{0,99}\Z",
    _("Use lower-case letters, digits and underscores, beginning with a letter."),
)
