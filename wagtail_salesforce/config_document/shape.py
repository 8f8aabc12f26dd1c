"""The shape of the document: keys, types and ranges. What is absent stays unchanged."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from wagtail_salesforce.scoring.models import POINTS_LIMIT


VERSION = 1


def _storable(text: str) -> str:
    """A text that every database can keep."""
    if "\x00" in text:
        raise ValueError(_("There is a NUL character in this text. Take it out."))
    return text


MOST = 2_147_483_647
Text = Annotated[str, AfterValidator(_storable)]
Name = Annotated[Text, Field(min_length=1, max_length=200)]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,99}$")]


class Part(BaseModel):
    """A part of the document: no unknown keys, no guessing of types."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)

    def given(self) -> dict[str, Any]:
        """The keys that the document really has."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class SettingsPart(Part):
    """The replication settings."""

    enabled: bool = False
    keep_leads_updated: bool = True
    batch_size: int = Field(1000, ge=1, le=1000)
    score: Name | None = None
    minimum_points: int = Field(0, ge=0, le=MOST)
    lead_description: Text = ""
    default_company_name: Text = Field("", max_length=255)
    api_reserve_percent: int = Field(20, ge=0, le=100)
    schedule_enabled: bool = True
    schedule_minutes: int = Field(15, ge=1, le=10_080)
    duplicates: Literal["suspend", "save"] = "suspend"
    deleted_leads: Literal["exclude", "create"] = "exclude"
    assignment_rule: str = Field(
        "off", pattern=r"^(off|active|01Q[A-Za-z0-9]{12}([A-Za-z0-9]{3})?)$"
    )
    consent_attribute: Slug | None = None


AttributeType = Literal[
    "text", "long_text", "integer", "decimal", "float", "boolean", "date", "datetime", "choice"
]


class AttributePart(Part):
    """An attribute of contacts; matched by name."""

    name: Slug
    label: Name
    type: AttributeType
    help_text: Text = Field("", max_length=400)
    choices: list[Text] = []


StatusName = Annotated[Text, Field(min_length=1, max_length=100)]


class TargetPart(Part):
    """What a form field fills: a contact field, an attribute, or the parts of a full name."""

    field: str | None = None
    attribute: str | None = None
    split: str | None = None


class FormConnectionPart(Part):
    """How a form fills contacts; matched by name."""

    name: Name
    form: str = Field(pattern=r"^/")
    fields: dict[str, TargetPart] = {}
    overwrite: bool = False
    enabled: bool = True
    activity_type: Slug = "form_submission"
    value_field: str = ""
    consent_field: str = ""
    consent_attribute: str = ""
    conditions: dict[str, Any] = {}


class RulePart(Part):
    """A rule of a score; matched by name within the score."""

    name: Name
    kind: Literal["activity", "attribute", "condition"]
    points: int = Field(ge=-POINTS_LIMIT, le=POINTS_LIMIT)
    activity_type: str = ""
    activity_tests: dict[str, Any] = {}
    per: Literal["activity", "value"] = "activity"
    recurring: bool = True
    max_points: int | None = Field(None, ge=-MOST, le=MOST)
    validity_amount: int | None = Field(None, ge=1, le=MOST)
    validity_unit: Literal["", "days", "weeks", "months", "years"] = ""
    valid_until: Annotated[datetime, Field(strict=False)] | None = None
    source: Literal["", "field", "attribute"] = ""
    field: str = ""
    test: str = ""
    value: str | int | float | bool | list[Any] | None = ""
    condition: dict[str, Any] = {}


class ScorePart(Part):
    """A score; matched by name."""

    name: Name
    description: Text = ""
    enabled: bool = True
    notify_at: int | None = Field(None, ge=-MOST, le=MOST)
    notify_addresses: Text = ""
    rules: list[RulePart] = []


class SourcePart(Part):
    """What fills a Lead field."""

    source: Literal["field", "attribute", "custom", "picklist", "constant"]
    name: str | None = None
    value: str | int | float | bool | None = None


class MappingPart(Part):
    """The mapping in use; matched by name."""

    name: Name
    object: Literal["Lead"] = "Lead"
    external_id_field: str
    fields: dict[str, SourcePart]


class Document(Part):
    """The whole document."""

    version: Literal[1]
    settings: SettingsPart | None = None
    attributes: list[AttributePart] = []
    statuses: list[StatusName] = []
    form_connections: list[FormConnectionPart] = []
    scores: list[ScorePart] = []
    mapping: MappingPart | None = None
