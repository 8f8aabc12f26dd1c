"""What a mapping needs to know besides itself: settings passed in, so that it imports none."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import tzinfo

from django.utils.timezone import get_default_timezone


@dataclass(frozen=True)
class MappingContext:
    """The settings that influence what is sent.

    `default_company_name` is the last resort of the company rule, `lead_description` the template
    of the generated description, `time_zone` the site's (dates keep their calendar day in it).
    """

    default_company_name: str = ""
    lead_description: str = ""
    time_zone: tzinfo = field(default_factory=get_default_timezone)
