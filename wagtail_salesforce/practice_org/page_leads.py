"""The leads on the web page: a table, every field on request, and the buttons of a salesperson."""

from html import escape
from typing import Any

from .fields import FieldSpec
from .html import button, cell
from .org import Org
from .read_rows import value_of
from .tables import Row


PAGE = 25
SEARCHED = ("Name", "Company", "Email", "Web_Contact_ID__c", "Id")


def leads_section(org: Org, query: dict[str, str]) -> str:
    """The section with search, table and pages; the newest lead first."""
    wanted = query.get("q", "").strip()
    found = _find(org, wanted)
    last = max(0, (len(found) - 1) // PAGE)
    number = min(int(query["page"]), last) if query.get("page", "").isdigit() else 0
    ids = found[number * PAGE : (number + 1) * PAGE]
    shown = [row for row in map(org.tables.table("Lead").get, ids) if row is not None]
    return f"""
<section class="panel" aria-labelledby="leads">
<h2 id="leads" tabindex="-1">Leads</h2>
<form class="search" role="search" method="get" action="/">
<label for="q">Name, company, e-mail, external id or record id</label>
<div class="row"><input id="q" name="q" type="search" value="{escape(wanted)}">
<button>Search</button></div>
</form>
<p>{_count(org, found, wanted)}</p>
{_table(org, shown) if shown else ""}
{_pager(wanted, number, last)}
</section>
"""


def _find(org: Org, wanted: str) -> list[str]:
    """The ids of the leads that hold the text; without a text no lead need be opened."""
    table = org.tables.table("Lead")
    if not wanted:
        return list(table.blobs)[::-1]
    return [row["Id"] for row in table.rows() if _matches(row, wanted)][::-1]


def _matches(row: Row, wanted: str) -> bool:
    return any(wanted.lower() in str(row.get(name) or "").lower() for name in SEARCHED)


def _count(org: Org, found: list[str], wanted: str) -> str:
    total = len(org.tables.table("Lead").blobs)
    if total == 0:
        return "No lead has arrived yet."
    noun = "lead" if total == 1 else "leads"
    return f"{len(found):,} of {total:,} {noun} found." if wanted else f"{total:,} {noun}."


def _table(org: Org, rows: list[Row]) -> str:
    heads = ("Name", "Company", "E-mail", "Owner", "Status", "External id", "Actions")
    head = "".join(f'<th scope="col" role="columnheader">{each}</th>' for each in heads)
    body = "".join(_lead(org, row) for row in rows)
    return f"""
<table role="table" aria-labelledby="leads">
<thead role="rowgroup"><tr role="row">{head}</tr></thead>
<tbody role="rowgroup">{body}</tbody>
</table>
"""


def _lead(org: Org, row: Row) -> str:
    cells = (
        ("Name", f"<strong>{escape(row.get('Name', ''))}</strong>{_badge(row)}"),
        ("Company", _text(row, "Company")),
        ("E-mail", _text(row, "Email")),
        ("Owner", escape(_owner(org, row))),
        ("Status", _text(row, "Status")),
        ("External id", f"<code>{_text(row, 'Web_Contact_ID__c')}</code>"),
        ("Actions", _buttons(row)),
    )
    line = "".join(cell(name, html) for name, html in cells)
    fields = org.schema.objects["Lead"].visible
    return f"""
<tr role="row" class="{"gone" if row["IsDeleted"] else ""}">{line}</tr>
<tr role="row" class="more"><td role="cell" colspan="7">
<details><summary>All fields of {escape(row.get("Name", ""))}</summary>
{_fields(fields, row)}
{_change_form(fields, row)}
</details></td></tr>
"""


def _text(row: Row, name: str) -> str:
    return escape(str(row.get(name) or "–"))


def _badge(row: Row) -> str:
    if row.get("MasterRecordId"):
        return ' <span class="badge">merged</span>'
    if row["IsDeleted"]:
        return ' <span class="badge">deleted</span>'
    return ' <span class="badge good">converted</span>' if row.get("IsConverted") else ""


def _owner(org: Org, row: Row) -> str:
    owner_id = row.get("OwnerId", "")
    spec = org.schema.by_prefix(owner_id)
    owner = org.tables.table(spec.name).get(owner_id) if spec else None
    return owner["Name"] if owner else owner_id


def _buttons(row: Row) -> str:
    name = row.get("Name", "")
    actions = ["undelete"] if row["IsDeleted"] else ["delete"]
    if not row["IsDeleted"] and not row.get("IsConverted"):
        actions.insert(0, "convert")
    forms = (
        button(f"leads/{row['Id']}/{each}", each.capitalize(), f"{each.capitalize()} {name}")
        for each in actions
    )
    return f'<div class="row">{"".join(forms)}</div>'


def _fields(fields: list[FieldSpec], row: Row) -> str:
    """The fields that have a value, each with label and API name, then the names of the rest."""
    values = [(field, _shown(field, row)) for field in fields if field.type != "address"]
    items = "".join(
        f"<div><dt>{escape(field.title)} <code>{escape(field.name)}</code></dt>"
        f"<dd>{escape(text)}</dd></div>"
        for field, text in values
        if text
    )
    empty = ", ".join(escape(field.title) for field, text in values if not text)
    return f'<dl class="fields">{items}</dl><p class="none">Empty: {empty or "none"}</p>'


def _shown(field: FieldSpec, row: Row) -> str:
    """A value as people read it; encrypted text is in the clear on this page."""
    value: Any = row.get(field.name) if field.type == "encryptedstring" else value_of(field, row)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value)


def _change_form(fields: list[FieldSpec], row: Row) -> str:
    if row["IsDeleted"] or row.get("IsConverted"):
        return ""
    key = row["Id"]
    options = "".join(
        f'<option value="{escape(field.name)}">{escape(field.title)}</option>'
        for field in fields
        if field.updateable
    )
    return f"""
<form class="row" method="post" action="/practice/actions/leads/{key}/change">
<label for="field-{key}">Field</label>
<select id="field-{key}" name="field">{options}</select>
<label for="value-{key}">New value</label>
<input id="value-{key}" name="value">
<button>Change</button>
</form>
"""


def _pager(wanted: str, number: int, last: int) -> str:
    if last == 0:
        return ""
    links = [f"<span>Page {number + 1} of {last + 1}</span>"]
    for label, target in (("Newer", number - 1), ("Older", number + 1)):
        if 0 <= target <= last:
            address = f"/?q={escape(wanted, quote=True)}&amp;page={target}#leads"
            links.append(f'<a href="{address}">{label}</a>')
    return f'<nav class="row" aria-label="Pages of leads">{"".join(links)}</nav>'
