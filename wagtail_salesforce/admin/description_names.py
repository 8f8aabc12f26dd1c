"""What may be inserted into a lead description: contact fields and attributes, with their labels."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.fields import FIELD_TYPE_CHOICES, FIELDS, FieldType
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.exceptions import Text


TYPE_NAMES = dict(FIELD_TYPE_CHOICES)


@dataclass(frozen=True)
class Insertable:
    """A name to insert. `text` is what stands in the template."""

    label: Text
    text: str
    type: Text

    @property
    def words(self) -> str:
        """What a search looks at."""
        return f"{self.label} {self.text}"


@dataclass(frozen=True)
class InsertableGroup:
    key: str
    heading: str
    items: list[Insertable]


def insertable_groups() -> list[InsertableGroup]:
    """The contact fields, then the attributes where there are any."""
    fields = [_item(field.label, f"contact.{name}", field.type) for name, field in FIELDS.items()]
    attributes = [
        _item(each.label, f"attributes.{each.name}", FieldType(each.type))
        for each in Attribute.objects.all()
    ]
    groups = [
        InsertableGroup("fields", _("Contact fields"), fields),
        InsertableGroup("attributes", _("Attributes"), attributes),
    ]
    return [group for group in groups if group.items]


def _item(label: Text, name: str, kind: FieldType) -> Insertable:
    return Insertable(label, f"{{{{ {name} }}}}", TYPE_NAMES[kind.value])
