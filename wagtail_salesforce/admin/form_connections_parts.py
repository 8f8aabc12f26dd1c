"""Parts of the form of a form connection: consent, and the conditions against spam."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from wagtail_salesforce.admin.form_connections_pages import FormFieldInfo
from wagtail_salesforce.contacts import spam
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.models import Attribute, FormConnection
from wagtail_salesforce.contacts.spam_conditions import MOST_SECONDS, Conditions


# Wagtail's own types of fields that are no box to tick; a site's own types may be one.
NO_BOXES = {
    "singleline", "multiline", "email", "number", "url", "checkboxes", "dropdown", "multiselect",
    "radio", "date", "datetime", "hidden",
}  # fmt: skip


def consent_fields(
    connection: FormConnection, infos: Sequence[FormFieldInfo]
) -> dict[str, forms.Field]:
    """The checkbox by which visitors consent, and the attribute that it sets to yes."""
    boxes = [info for info in infos if info.type not in NO_BOXES]
    return {
        "consent_field": forms.ChoiceField(
            label=_("Consent"),
            choices=field_choices(boxes, connection.consent_field, infos, _("No field")),
            required=False,
            help_text=_(
                "The checkbox by which visitors consent to being contacted. A ticked one counts "
                "even for people you know already; an unticked one takes no consent back."
            ),
        ),
        "consent_attribute": forms.ChoiceField(
            label=_("A given consent sets to yes"),
            choices=_attribute_choices(connection.consent_attribute),
            required=False,
        ),
    }


def _attribute_choices(stored: str) -> list[tuple[str, str]]:
    """The attributes of the type "yes or no", and the stored one in any case."""
    booleans = Attribute.objects.filter(type=FieldType.BOOLEAN.value)
    choices = [("", _("Choose an attribute")), *booleans.values_list("name", "label")]
    if stored and stored not in dict(choices):
        choices.append((stored, _("%(name)s (not of the type yes or no)") % {"name": stored}))
    return choices


def condition_fields(
    connection: FormConnection, infos: Sequence[FormFieldInfo]
) -> dict[str, forms.Field]:
    """What a submission must meet; the check is only offered when there is one to choose."""
    conditions = Conditions.of(connection.conditions)
    found: dict[str, forms.Field] = {
        "honeypot": forms.ChoiceField(
            label=_("Field that must stay empty"),
            choices=field_choices(infos, conditions.honeypot, infos, _("No field")),
            initial=conditions.honeypot,
            required=False,
            help_text=_(
                "A field that your template hides from people. Programs that fill in everything "
                "betray themselves by it."
            ),
        ),
        "seconds": forms.IntegerField(
            label=_("Least time to fill in the form, in seconds"),
            initial=conditions.seconds or None,
            min_value=0,
            max_value=MOST_SECONDS,
            required=False,
            help_text=_(
                "Faster ones are refused. The form's template needs the tag {% form_started %} "
                "for it."
            ),
        ),
    }
    if choices := _check_choices(conditions.check):
        found["check"] = forms.ChoiceField(
            label=_("Check of the website"),
            choices=[("", _("No check")), *choices],
            initial=conditions.check,
            required=False,
        )
    return found


def _check_choices(stored: str) -> list[tuple[str, str]]:
    choices = [(check.name, str(check.label)) for check in spam.checks().values()]
    if stored and stored not in dict(choices):
        choices.append((stored, _("%(name)s (no longer exists)") % {"name": stored}))
    return choices


def field_choices(
    offered: Sequence[FormFieldInfo],
    stored: str,
    infos: Sequence[FormFieldInfo],
    nothing: str,
) -> list[tuple[str, str]]:
    """Fields of the form to choose from, and the stored one in any case."""
    choices = [("", nothing), *((info.name, info.label) for info in offered)]
    if stored and stored not in dict(choices):
        labels = {info.name: info.label for info in infos}
        gone = _("%(name)s (no longer on the form)") % {"name": stored}
        choices.append((stored, labels.get(stored, gone)))
    return choices


def chosen_conditions(cleaned: dict[str, Any]) -> dict[str, Any]:
    """The conditions as the column holds them."""
    return Conditions(
        honeypot=cleaned.get("honeypot") or "",
        seconds=cleaned.get("seconds") or 0,
        check=cleaned.get("check") or "",
    ).document()
