"""The practice org's own web page: what it holds, what it answered, and its switches."""

from html import escape

from .html import page
from .org import Org
from .page_access import access_section
from .page_calls import calls_section
from .page_controls import controls_section
from .page_leads import leads_section
from .wire import Answer


def dashboard(org: Org, query: dict[str, str]) -> Answer:
    """GET /: the whole page."""
    body = f"""
<a class="skip" href="#leads">Skip to the leads</a>
{_header(org)}
<main class="wide">
{_notice(org)}
{_allowance(org)}
{access_section(org)}
{leads_section(org, query)}
{calls_section(org)}
{controls_section(org)}
</main>
<footer><p>A local look-alike for development and demonstrations. It is not Salesforce.</p></footer>
"""
    return page("Leads", body)


def _header(org: Org) -> str:
    kind = "Sandbox" if org.options.sandbox else org.options.organization_type
    now = org.clock.now()
    return f"""
<header class="top">
<div><p class="brand">Practice org</p>
<h1>{escape(org.options.org_name)}</h1>
<p class="facts"><span>{escape(kind)}</span> <code>{escape(org.options.org_id)}</code></p></div>
<p class="clock"><span>Time in this org</span>
<time datetime="{now.isoformat(timespec="seconds")}">{now:%d %B %Y, %H:%M:%S} UTC</time></p>
</header>
"""


def _notice(org: Org) -> str:
    """What the last button did, shown once."""
    kind, text = org.pending.pop("notice", ("", ""))
    if not text:
        return ""
    role = "alert" if kind == "alert" else "status"
    return f'<p class="{kind}" role="{role}">{escape(text)}</p>'


def _allowance(org: Org) -> str:
    now = org.clock.timestamp()
    used, most = org.allowance.used(now), org.allowance.maximum
    share = 100 * used / most if most else 100
    return f"""
<section class="panel" aria-labelledby="allowance">
<h2 id="allowance">Daily allowance</h2>
<p><strong>{used:,}</strong> of {most:,} calls used in the last 24 hours
({share:.1f}&nbsp;%)</p>
<meter min="0" max="{max(most, 1)}" low="{most * 0.6:.0f}" high="{most * 0.85:.0f}" optimum="0"
 value="{min(used, most)}" aria-labelledby="allowance">{used} of {most}</meter>
</section>
"""
