"""The words of every refusal. None of them holds a person's value."""

from __future__ import annotations

from django.utils.translation import gettext

from wagtail_salesforce.mapping import numbers, picklists
from wagtail_salesforce.mapping.moments import FIRST_YEAR, LAST_YEAR
from wagtail_salesforce.mapping.outcomes import Refusal
from wagtail_salesforce.salesforce.describe import FieldDescribe


def missing(field: FieldDescribe) -> Refusal:
    """A required Lead field would be empty."""
    return Refusal(
        field.name,
        "REQUIRED_FIELD_MISSING",
        gettext(
            "%(label)s is required in Salesforce, but the contact has no value for it. Complete "
            "the contact, or map the field to a source that always has a value."
        )
        % {"label": field.label},
    )


def wrong_type(field: FieldDescribe) -> Refusal:
    """The value is of a kind the field does not take."""
    return Refusal(
        field.name,
        "INVALID_TYPE_ON_FIELD_IN_RECORD",
        gettext(
            "The value for %(label)s is of the wrong type for a Salesforce field of type %(type)s. "
            "Correct the value, or map the field to another source."
        )
        % {"label": field.label, "type": field.type},
    )


def too_long(field: FieldDescribe) -> Refusal:
    """An address or a list that must not be cut is longer than the field."""
    return Refusal(
        field.name,
        "STRING_TOO_LONG",
        gettext(
            "The value for %(label)s is longer than the %(length)d characters that Salesforce "
            "takes, and a shortened one would be wrong. Correct the value."
        )
        % {"label": field.label, "length": field.length},
    )


def not_a_number(field: FieldDescribe) -> Refusal:
    """NaN, infinity, or no number at all."""
    return Refusal(
        field.name,
        "INVALID_TYPE_ON_FIELD_IN_RECORD",
        gettext("The value for %(label)s is not a number. Correct the value.")
        % {"label": field.label},
    )


def too_large(field: FieldDescribe) -> Refusal:
    """More digits before the decimal point than the field takes."""
    return Refusal(
        field.name,
        "NUMBER_OUTSIDE_VALID_RANGE",
        gettext(
            "The number for %(label)s has more than the %(digits)d whole digits that Salesforce "
            "takes. Correct the number, or map the field to another source."
        )
        % {"label": field.label, "digits": numbers.whole_digits(field)},
    )


def date_out_of_range(field: FieldDescribe) -> Refusal:
    """A date that Salesforce cannot hold."""
    return Refusal(
        field.name,
        "FIELD_INTEGRITY_EXCEPTION",
        gettext(
            "The date for %(label)s is outside the years %(first)d to %(last)d that Salesforce "
            "takes. Correct the date."
        )
        % {"label": field.label, "first": FIRST_YEAR, "last": LAST_YEAR},
    )


def not_in_list(field: FieldDescribe) -> Refusal:
    """A restricted picklist without the value."""
    return Refusal(
        field.name,
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        gettext(
            "The value for %(label)s is not in the restricted picklist. Allowed values: %(values)s."
        )
        % {"label": field.label, "values": picklists.allowed_words(field)},
    )


def too_many(field: FieldDescribe) -> Refusal:
    """More entries than a multi-select picklist takes."""
    return Refusal(
        field.name,
        "TOO_MANY_ENUM_VALUE",
        gettext("There are more than %(most)d values for %(label)s. Remove some.")
        % {"label": field.label, "most": picklists.MOST_VALUES},
    )


def malformed_id(field: FieldDescribe) -> Refusal:
    """Not the form of a record id."""
    return Refusal(
        field.name,
        "MALFORMED_ID",
        gettext(
            "%(label)s needs a Salesforce record id: 15 or 18 letters and digits. Copy it from "
            "the address of the record's page in Salesforce."
        )
        % {"label": field.label},
    )


def wrong_checksum(field: FieldDescribe) -> Refusal:
    """The last three characters disagree with the first fifteen."""
    return Refusal(
        field.name,
        "MALFORMED_ID",
        gettext(
            "The record id for %(label)s has a typing error: its last three characters do not "
            "agree with the rest. Copy it again from Salesforce."
        )
        % {"label": field.label},
    )


def wrong_object(field: FieldDescribe) -> Refusal:
    """The id of another kind of record."""
    return Refusal(
        field.name,
        "MALFORMED_ID",
        gettext("The record id for %(label)s belongs to another kind of record than %(objects)s.")
        % {"label": field.label, "objects": ", ".join(field.reference_to)},
    )


def attribute_unreadable(field: FieldDescribe, name: str) -> Refusal:
    """What is stored for an attribute is not of the attribute's type."""
    return Refusal(
        field.name,
        "INVALID_TYPE_ON_FIELD_IN_RECORD",
        gettext(
            "The contact's value of the attribute %(name)s, mapped to %(label)s, is not of the "
            "attribute's type. Correct the contact."
        )
        % {"name": name, "label": field.label},
    )


def converter_failed(field: FieldDescribe, name: str, error: Exception) -> Refusal:
    """A converter of the site's own code failed for this contact's value."""
    return Refusal(
        field.name,
        "CONVERTER_FAILED",
        gettext(
            "The converter %(name)s of this site, for %(label)s, failed with %(error)s for this "
            "contact. Correct the contact, or ask the people who run the site."
        )
        % {"name": name, "label": field.label, "error": type(error).__name__},
    )


def source_failed(field: FieldDescribe, error: Exception) -> Refusal:
    """A source of the site's own code, or the description, failed for this contact."""
    return Refusal(
        field.name,
        "SOURCE_FAILED",
        gettext(
            "The source mapped to %(label)s failed with %(error)s for this contact. Correct the "
            "contact, or ask the people who run the site."
        )
        % {"label": field.label, "error": type(error).__name__},
    )
