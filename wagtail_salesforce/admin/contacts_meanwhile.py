"""What others changed about a contact while somebody had its form open.

The page carries, hidden, every value that it showed. What only one of the two has changed is
kept; where both changed the same, the second one is told and shown the present value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _


if TYPE_CHECKING:
    from wagtail_salesforce.admin.contacts_forms import ContactForm

#: Fields whose values belong together: who changes one has looked at the other.
TOGETHER = ({"country", "state"},)


def changed_meanwhile(form: ContactForm) -> set[str]:
    """The fields that are not any more what the page showed when it was opened."""
    return {name for name in form.fields if _shown(form, name) != _present(form, name)}


def in_conflict(form: ContactForm, meanwhile: set[str]) -> set[str]:
    """Those of them that this editor has changed too, to something else."""
    mine = set(form.changed_data)
    for group in TOGETHER:
        if mine & group and meanwhile & group:
            mine |= group
            meanwhile = meanwhile | group
    return {name for name in mine & meanwhile if _entered(form, name) != _present(form, name)}


def data_to_look_at(form: ContactForm, conflicts: set[str]) -> Any:
    """What was sent, with the present values where the editor has changed nothing or both have:
    the page that shows it knows what is stored now."""
    data = form.data.copy()
    mine = set(form.changed_data) - conflicts
    for name in form.fields:
        present = _present(form, name)
        data[form.add_initial_prefix(name)] = present
        if name not in mine:
            data[form.add_prefix(name)] = present
    return data


def tell(form: ContactForm, entered: dict[str, str]) -> None:
    """Say at each field what the editor had entered, and above what to do."""
    form.add_error(
        None,
        _(
            "Somebody else changed this contact while you had it open, so nothing was saved yet. "
            "The fields marked below show the present values, your other changes are still here. "
            "Look at them, then save again."
        ),
    )
    for name, text in entered.items():
        said = _("Changed by somebody else meanwhile. You had entered “%(value)s”.")
        nothing = _("Changed by somebody else meanwhile. You had left it empty.")
        form.add_error(name, said % {"value": text} if text else nothing)


def entered_words(form: ContactForm, names: set[str]) -> dict[str, str]:
    """What the editor had entered, as the page showed it."""
    return {name: _words(form, name, _entered(form, name)) for name in form.fields if name in names}


def _words(form: ContactForm, name: str, raw: str) -> str:
    choices = getattr(form.fields[name], "choices", None) or ()
    return next((str(label) for value, label in choices if str(value) == raw), raw)


def _shown(form: ContactForm, name: str) -> str:
    return _plain(form.data.get(form.add_initial_prefix(name)))


def _entered(form: ContactForm, name: str) -> str:
    return _plain(form.data.get(form.add_prefix(name))).strip()


def _present(form: ContactForm, name: str) -> str:
    return _plain(form.fields[name].prepare_value(form[name].initial))


def _plain(value: Any) -> str:
    """A value as the page sends it back, whatever a browser makes of line ends."""
    text = "" if value is None else str(value)
    return text.replace("\r\n", "\n").replace("\r", "\n")
