"""The shape of the document: keys, types and ranges. What is absent stays unchanged."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from wagtail_salesforce.scoring.models import POINTS_LIMIT


VERSION = 1

#: The parts that people choose, and the keys of the document that each of them stands for.
PART_KEYS = {
    "settings": ("settings",),
    "attributes": ("attributes",),
    "statuses": ("statuses",),
    "form_connections": ("form_connections",),
    "scores": ("scores",),
    "mappings": ("mapping", "mappings"),
}


def _plain(value: Any) -> Any:
    """Text, number, yes or no, or nothing. One type, so that it is refused in one sentence."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    raise ValueError(_("Give a text, a number, or true or false."))


def _plain_or_list(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return _plain(value)


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError(_("Give a text: this one is empty."))
    return value


def _within_reach(value: datetime) -> datetime:
    """In every time zone a date that Python and the databases know."""
    if not 1900 <= value.year <= 9000:
        raise ValueError(_("Give a year from 1900 to 9000."))
    return value


MOST = 2_147_483_647
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_not_blank)]
PlainOrList = Annotated[Any, AfterValidator(_plain_or_list)]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,99}$")]


class Part(BaseModel):
    """A part of the document: no unknown keys, no guessing of types."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)

    def given(self) -> dict[str, Any]:
        """The keys that the document really has, in the order in which they stand here."""
        fields = type(self).model_fields
        return {name: getattr(self, name) for name in fields if name in self.model_fields_set}


class SettingsPart(Part):
    """The replication settings."""

    enabled: bool = False
    keep_leads_updated: bool = True
    batch_size: int = Field(1000, ge=1, le=1000)
    score: Name | None = None
    minimum_points: int = Field(0, ge=0, le=MOST)
    lead_description: str = ""
    default_company_name: str = Field("", max_length=255)
    api_reserve_percent: int = Field(20, ge=0, le=99)
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
    help_text: str = Field("", max_length=400)
    choices: list[str] = []


StatusName = Annotated[str, Field(min_length=1, max_length=100)]


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
    activity_type: str = Field("", max_length=100)
    activity_tests: dict[str, Any] = {}
    per: Literal["activity", "value"] = "activity"
    recurring: bool = True
    max_points: int | None = Field(None, ge=-MOST, le=MOST)
    validity_amount: int | None = Field(None, ge=1, le=MOST)
    validity_unit: Literal["", "days", "weeks", "months", "years"] = ""
    valid_until: Annotated[datetime, Field(strict=False), AfterValidator(_within_reach)] | None = (
        None
    )
    source: Literal["", "field", "attribute"] = ""
    field: str = Field("", max_length=100)
    test: str = Field("", max_length=30)
    value: PlainOrList = ""
    condition: dict[str, Any] = {}


class ScorePart(Part):
    """A score; matched by name."""

    name: Name
    description: str = ""
    enabled: bool = True
    notify_at: int | None = Field(None, ge=-MOST, le=MOST)
    notify_addresses: str = ""
    rules: list[RulePart] = []


class SourcePart(Part):
    """What fills a Lead field."""

    source: Literal["field", "attribute", "custom", "picklist", "constant"]
    name: str | None = None
    value: PlainOrList = None


class MappingPart(Part):
    """A mapping; matched by name."""

    name: Name
    object: Literal["Lead"] = "Lead"
    external_id_field: str = Field(max_length=100)
    fields: dict[str, SourcePart]


class Document(Part):
    """The whole document. `mapping` is the one in use, `mappings` are others."""

    version: Literal[1]
    settings: SettingsPart | None = None
    attributes: list[AttributePart] = []
    statuses: list[StatusName] = []
    form_connections: list[FormConnectionPart] = []
    scores: list[ScorePart] = []
    mapping: MappingPart | None = None
    mappings: list[MappingPart] = []
