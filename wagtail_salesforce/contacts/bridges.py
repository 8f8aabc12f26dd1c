"""Contacts from forms that are not Wagtail's form pages: plain Django forms and streamforms.

from wagtail_salesforce.contacts.bridges import capture_form

def form_valid(self, form):
    capture_form(form, title="Newsletter", fields={"email": "email", "name": "full_name"})
    return super().form_valid(form)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wagtail_salesforce.contacts import activity_types
from wagtail_salesforce.contacts.capture import readable_values, record_safely
from wagtail_salesforce.contacts.connections import other_problems, problems
from wagtail_salesforce.contacts.facts import Facts
from wagtail_salesforce.contacts.form_reader import FormReader
from wagtail_salesforce.contacts.known_values import KnownValues
from wagtail_salesforce.contacts.models import Contact, FormConnection
from wagtail_salesforce.contacts.names import FULL_NAME
from wagtail_salesforce.contacts.wording import in_site_language


Target = str | Mapping[str, str]

LONGEST_TITLE, LONGEST_URL = 250, 500


def capture_form(
    form: Any,
    *,
    fields: Mapping[str, Target],
    title: str = "",
    activity: str = activity_types.FORM_SUBMISSION,
    value_field: str = "",
    consent_field: str = "",
    consent_attribute: str = "",
    overwrite: bool = False,
    page_id: int | None = None,
    url: str = "",
) -> Contact | None:
    """Record what a valid form was sent with, and return the contact.

    `form` has `cleaned_data`. `fields` says what each of its fields fills: the name of a contact
    field, "full_name" (split into first, middle and last name) or {"attribute": name}. The rest
    is what an editor sets of a form connection. Values are read as those of form pages: what
    cannot be read is left out, which the activity's comment says.

    None when the form holds no e-mail address. Raises ValueError for `fields` and the like that
    cannot work, whatever the visitor typed. When the database refuses, it is done later, and the
    answer is None.
    """
    activity_types.check_name(activity)
    connection = FormConnection(
        name=title[:LONGEST_TITLE],
        page_id=page_id,  # type: ignore[misc]
        fields={name: _target(target) for name, target in fields.items()},
        activity_type=activity,
        value_field=value_field,
        consent_field=consent_field,
        consent_attribute=consent_attribute,
        overwrite=overwrite,
    )
    known = readable_values(attributes=True, statuses=True)
    if known is None:
        return None
    _check(connection, known)
    facts = _read(connection, known, form.cleaned_data, url)
    return record_safely(facts) if facts else None


def _target(target: Target) -> dict[str, str]:
    if isinstance(target, str):
        return {"split": FULL_NAME} if target == FULL_NAME else {"field": target}
    return dict(target)


def _check(connection: FormConnection, known: KnownValues) -> None:
    types = {name: kind.value for name, kind in known.types.items()}
    found = [*problems(connection.fields, types), *other_problems(connection, types)]
    if found:
        raise ValueError(" ".join(problem.message for problem in found))


def _read(
    connection: FormConnection, known: KnownValues, data: Mapping[str, Any], url: str
) -> Facts | None:
    with in_site_language():
        reader = FormReader(connection, data, number_fields=(), known=known)
        try:
            email = reader.email()
        except ValueError:
            return None
        return reader.facts(email, occurred_at=None, url=url[:LONGEST_URL])
