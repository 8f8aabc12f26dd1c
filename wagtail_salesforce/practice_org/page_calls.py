"""The calls on the web page: the newest that the org answered."""

from html import escape
from http import HTTPStatus

from .calls import LoggedCall
from .html import cell
from .org import Org


SHOWN = 25
LONGEST = 120


def calls_section(org: Org) -> str:
    """The section with the newest calls."""
    calls = list(org.calls.entries)
    counted = sum(call.counted for call in calls)
    rows = "".join(_call(call) for call in calls[: -SHOWN - 1 : -1])
    return f"""
<section class="panel" aria-labelledby="calls">
<h2 id="calls">Calls answered</h2>
<p>{len(calls):,} calls, {counted:,} of them counted against the allowance.
{f"The newest {SHOWN}:" if len(calls) > SHOWN else ""}</p>
{_table(rows) if calls else ""}
</section>
"""


def _table(rows: str) -> str:
    heads = ("When", "Call", "Answer", "Rows", "Counted")
    head = "".join(f'<th scope="col" role="columnheader">{each}</th>' for each in heads)
    return f"""
<table role="table" aria-labelledby="calls">
<thead role="rowgroup"><tr role="row">{head}</tr></thead>
<tbody role="rowgroup">{rows}</tbody>
</table>
"""


def _call(call: LoggedCall) -> str:
    when = f"{call.when[:10]} {call.when[11:19]}"
    path = escape(call.path if len(call.path) <= LONGEST else call.path[:LONGEST] + "…")
    fault = f' <span class="badge">{escape(call.fault)}</span>' if call.fault else ""
    cells = (
        ("When", f"<time>{when}</time>"),
        ("Call", f"<code>{escape(call.method)} {path}</code>"),
        ("Answer", f"{_status(call.status)}{fault}"),
        ("Rows", f"{call.rows:,}" if call.rows else "–"),
        ("Counted", "yes" if call.counted else "no"),
    )
    line = "".join(cell(name, html) for name, html in cells)
    return f'<tr role="row">{line}</tr>'


def _status(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return "connection cut" if status == 0 else str(status)
