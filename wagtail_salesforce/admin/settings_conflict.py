"""Two people who change the same settings: the second is told what the first has changed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core import signing
from django.utils.translation import gettext as _

from wagtail_salesforce.replication.models import ReplicationSettings


#: The name under which the page sends back the values that it showed.
SHOWN = "shown"
_SALT = "wagtail_salesforce.settings"
_MOST_SHOWN = 200

Values = dict[str, str]


def values_of(form: forms.ModelForm) -> Values:
    """What an unbound form shows, as texts by field."""
    pairs = ((name, form.get_initial_for_field(form.fields[name], name)) for name in form.fields)
    return {name: _as_text(value) for name, value in pairs}


def typed_in(form: forms.ModelForm) -> Values:
    """What was typed into a bound form, as texts by field."""
    return {name: _as_text(form[name].data) for name in form.fields}


def seal(values: Values) -> str:
    """The values for a hidden field of the page."""
    return signing.dumps(values, salt=_SALT, compress=True)


def unseal(text: Any) -> Values:
    """The values that a page was made with; none for what no page of ours has sent."""
    try:
        return dict(signing.loads(text, salt=_SALT))
    except (signing.BadSignature, TypeError, ValueError):
        return {}


def lock_settings() -> ReplicationSettings:
    """The settings as stored now; whoever saves next waits for the end of this transaction."""
    return ReplicationSettings.objects.select_for_update().get(pk=1)


def message() -> str:
    """What the second one reads."""
    return _(
        "Somebody else has saved these settings since you opened the page, so nothing is saved "
        "yet. What they changed is marked below. Check it, then save again."
    )


def told(form: forms.ModelForm, name: str, theirs: str) -> str:
    """What the second one reads beside a field."""
    field: Any = form.fields[name]
    if isinstance(field, forms.BooleanField):
        shown = _("ticked") if theirs else _("not ticked")
    else:
        choices = getattr(field, "choices", ())
        shown = next((str(label) for key, label in choices if _as_text(key) == theirs), theirs)
    shown = shown if len(shown) <= _MOST_SHOWN else f"{shown[:_MOST_SHOWN]}…"
    return _("Somebody else has changed this to: %(value)s") % {"value": shown or _("empty")}


def replaced(data: Any, values: Values) -> Any:
    """What was sent, with other values for some of the fields."""
    data = data.copy()
    for name, value in values.items():
        data[name] = value
    return data


def _as_text(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return "on" if value else ""
    return str(value).replace("\r\n", "\n")
