"""How many values the editor sends at once: Django refuses a form that has too many.

The refusal comes before any of our code, as a bare page, so the page has to say it beforehand.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.utils.translation import gettext as _

from wagtail_salesforce.admin.mapping_rows import Row, RowGroup


#: What travels besides the rows: the name, the identifier, what a page needs to be safe.
OTHERS = 15


def too_many(groups: Iterable[RowGroup], *, scripted: bool) -> str:
    """What to tell an editor whose rows are too many for one form; "" where they are not.

    With the script only rows that map something travel, without it all of them.
    """
    most = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    rows = [row for group in groups for row in group.rows if row.token or not scripted]
    needed = sum(map(_values, rows)) + OTHERS
    if most is None or needed <= most:
        return ""
    values = {"needed": needed, "most": most}
    if scripted:
        text = _(
            "This mapping has too many rows to be saved here: it takes %(needed)d values, and the "
            "site accepts %(most)d at once. Ask the people who run the site to raise "
            "DATA_UPLOAD_MAX_NUMBER_FIELDS in the Django settings to at least %(needed)d."
        )
    else:
        text = _(
            "Without JavaScript all rows are sent at once, which takes %(needed)d values, and the "
            "site accepts %(most)d: saving would be refused. Switch JavaScript on, or ask the "
            "people who run the site to raise DATA_UPLOAD_MAX_NUMBER_FIELDS in the Django settings "
            "to at least %(needed)d."
        )
    return text % values


def _values(row: Row) -> int:
    """The choice, and a constant; each tick of a list of entries is a value of its own."""
    if not row.is_constant:
        return 1
    ticked = (
        sum(ticked for _value, _label, ticked in row.ticks) if row.constant_input == "multi" else 1
    )
    return 1 + ticked
