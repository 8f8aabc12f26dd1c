"""The pages a person sees on the way to allowing the app: login, consent, and what went wrong."""

from html import escape

from .html import OWN_FORMS, POLICY, hidden, page
from .org import Org
from .seed import PASSWORD, USERNAME
from .tables import Row
from .wire import Answer


SCOPE_TEXTS = {
    "id": "Access the identity URL service",
    "api": "Manage user data via APIs",
    "refresh_token": "Perform requests at any time",
}


def login_page(org: Org, key: str, *, username: str = "", error: str = "") -> Answer:
    """User name and password."""
    alert = f'<p class="alert" role="alert">{escape(error)}</p>' if error else ""
    body = f"""
<main class="card">
<p class="brand">Practice org</p>
<h1>Log in</h1>
<p>{escape(org.options.org_name)}</p>
{alert}
<form method="post" action="/practice/login">
{hidden("request", key)}
<label for="username">Username</label>
<input id="username" name="username" type="email" autocomplete="username" required
 value="{escape(username)}">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button class="primary">Log in</button>
</form>
<p class="hint">This is no Salesforce. Try <code>{escape(USERNAME)}</code> with the password
<code>{escape(PASSWORD)}</code>.</p>
</main>
"""
    return page("Log in", body, status=401 if error else 200, policy=OWN_FORMS)


def consent_page(org: Org, key: str, user: Row, scopes: list[str]) -> Answer:
    """Allow or Deny."""
    items = "".join(f"<li>{escape(SCOPE_TEXTS.get(scope, scope))}</li>" for scope in scopes)
    body = f"""
<main class="card">
<p class="brand">Practice org</p>
<h1>Allow access?</h1>
<p><strong>Practice app</strong> is asking to:</p>
<ul>{items}</ul>
<p>You are logged in to {escape(org.options.org_name)} as
<strong>{escape(user["Name"])}</strong> ({escape(user["Username"])}).</p>
<form method="post" action="/practice/consent" class="buttons">
{hidden("request", key)}
<button name="decision" value="deny">Deny</button>
<button name="decision" value="allow" class="primary">Allow</button>
</form>
</main>
"""
    return page("Allow access", body, policy=POLICY)


def error_page(error: str, description: str) -> Answer:
    """What is shown when the app or its callback cannot be trusted."""
    body = f"""
<main class="card">
<p class="brand">Practice org</p>
<h1>We can’t authorize you</h1>
<p>Because of an OAuth error, you cannot go on to the app. Its administrator will want to know:</p>
<p class="alert" role="alert"><code>error={escape(error)}</code><br>
<code>error_description={escape(description)}</code></p>
</main>
"""
    return page("Authorization error", body, status=400)
