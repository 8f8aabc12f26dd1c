"""Record ids for reference fields: their form, their checksum and their key prefix."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.utils.translation import gettext as _


_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?", re.ASCII)
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

# Object reference, "Standard objects' record id prefixes".
KEY_PREFIXES = {
    "Account": "001",
    "Campaign": "701",
    "Case": "500",
    "Contact": "003",
    "Group": "00G",
    "Lead": "00Q",
    "Opportunity": "006",
    "Organization": "00D",
    "Pricebook2": "01s",
    "Product2": "01t",
    "RecordType": "012",
    "User": "005",
}


class WrongForm(ValueError):
    """Not 15 or 18 letters and digits."""


class WrongChecksum(ValueError):
    """The last three characters of an 18-character id do not agree with the rest."""


class WrongObject(ValueError):
    """The id belongs to another kind of record; the argument names those that would do."""


def full_id(text: str, reference_to: Sequence[str]) -> str:
    """The 18-character form of a record id for a field that refers to these objects.

    Raises WrongForm, WrongChecksum or WrongObject. Key prefixes are only checked where those of
    all the objects are known; custom objects get theirs from the organization.
    """
    if _ID.fullmatch(text) is None:
        raise WrongForm
    record_id = text[:15] + checksum(text[:15])
    if len(text) == 18 and text[15:].upper() != record_id[15:]:
        raise WrongChecksum
    prefixes = [KEY_PREFIXES.get(name) for name in reference_to]
    if prefixes and None not in prefixes and record_id[:3] not in prefixes:
        raise WrongObject(", ".join(reference_to))
    return record_id


def prefix_words(reference_to: Sequence[str]) -> str:
    """How the ids of these objects begin, "" where that is not known."""
    known = [(name, KEY_PREFIXES[name]) for name in reference_to if name in KEY_PREFIXES]
    pairs = ", ".join(f"{prefix} ({name})" for name, prefix in known)
    return _("Its ids begin with %(prefixes)s.") % {"prefixes": pairs} if pairs else ""


def checksum(short: str) -> str:
    """The three characters that make a 15-character id safe where case is lost.

    Of each group of five, bit i says whether character i is a capital letter.
    """
    groups = (short[start : start + 5] for start in (0, 5, 10))
    return "".join(
        _SUFFIX[sum(1 << place for place, letter in enumerate(group) if "A" <= letter <= "Z")]
        for group in groups
    )
