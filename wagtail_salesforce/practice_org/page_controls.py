"""The switches on the web page: allowance, tokens, time, callbacks, faults, rules."""

from html import escape

from .faults import KINDS, ROW_KINDS
from .html import button
from .org import Org


def controls_section(org: Org) -> str:
    """The section with every switch."""
    return f"""
<section class="panel" aria-labelledby="controls">
<h2 id="controls">Make things happen</h2>
<div class="grid">
{_allowance(org)}
{_tokens(org)}
{_clock()}
{_callbacks(org)}
{_faults(org)}
{_rules(org)}
</div>
</section>
"""


def _allowance(org: Org) -> str:
    used = org.allowance.used(org.clock.timestamp())
    return f"""
<form method="post" action="/practice/actions/allowance">
<h3>Allowance</h3>
<label for="most">Calls in 24 hours</label>
<input id="most" name="max" type="number" min="0" value="{org.allowance.maximum}" required>
<label for="used">Used so far</label>
<input id="used" name="used" type="number" min="0" value="{used}" required>
<button>Set the allowance</button>
</form>
"""


def _tokens(org: Org) -> str:
    living, approvals = len(org.tokens.sessions), len(org.tokens.grants)
    return f"""
<div>
<h3>Tokens</h3>
<p>Access tokens: {living}. Approvals with a refresh token: {approvals}.</p>
{button("tokens/expire", "Expire access tokens")}
{button("tokens/revoke", "Revoke all approvals")}
</div>
"""


def _clock() -> str:
    return """
<form method="post" action="/practice/actions/clock">
<h3>Time</h3>
<label for="hours">Move the clock forward by hours</label>
<input id="hours" name="hours" type="number" min="0" step="0.25" value="24" required>
<button>Move</button>
</form>
"""


def _callbacks(org: Org) -> str:
    lines = escape("\n".join(org.options.callbacks))
    return f"""
<form method="post" action="/practice/actions/callbacks">
<h3>Callback URLs</h3>
<label for="callbacks">Registered, one a line</label>
<textarea id="callbacks" name="callbacks" rows="3">{lines}</textarea>
<button>Save</button>
</form>
"""


def _faults(org: Org) -> str:
    kinds = "".join(
        f'<option value="{kind}">{kind.replace("_", " ")}</option>'
        for kind in sorted(KINDS - (ROW_KINDS - {"row_lock", "storage_limit"}) - {"request_error"})
    )
    armed = ", ".join(
        f"{fault.kind} ({'always' if fault.count is None else f'{fault.count} more'})"
        for fault in org.faults.armed
    )
    return f"""
<div>
<form method="post" action="/practice/actions/faults">
<h3>Faults</h3>
<label for="kind">What goes wrong</label>
<select id="kind" name="kind">{kinds}</select>
<label for="count">How many times</label>
<input id="count" name="count" type="number" min="1" value="1" required>
<label for="path">Only calls whose path holds (optional)</label>
<input id="path" name="path">
<button>Arm</button>
</form>
<p>Armed: {escape(armed) or "nothing"}</p>
{button("faults/clear", "Disarm all")}
</div>
"""


def _rules(org: Org) -> str:
    rule = (org.options.duplicate_rule or {}).get("action", "off")
    choices = (
        ("off", "Off"),
        ("allow_alert", "Allow and alert, by e-mail"),
        ("block", "Block, by e-mail"),
    )
    options = "".join(
        f'<option value="{value}"{" selected" if value == rule else ""}>{label}</option>'
        for value, label in choices
    )
    checked = " checked" if org.options.rotation else ""
    return f"""
<form method="post" action="/practice/actions/rules">
<h3>Rules</h3>
<label for="duplicates">Duplicate rule for leads</label>
<select id="duplicates" name="duplicates">{options}</select>
<p class="check"><input id="rotation" name="rotation" type="checkbox"{checked}>
<label for="rotation">Rotate refresh tokens</label></p>
<button>Save</button>
</form>
"""
