"""Grants, refresh tokens, access tokens and authorization codes.

Source: Salesforce help, "OAuth 2.0 Web Server Flow", "OAuth Tokens and Scopes"; Metadata API
guide, "ConnectedApp" (``isRefreshTokenRotationEnabled``).
"""

import secrets
from dataclasses import asdict, dataclass, field
from typing import Any


ACCESS_MARK = "!"
REFRESH_PREFIX = "5Aep861"
MAX_GRANTS = 5
# Only to bound the file; no limit of Salesforce's.
MAX_SESSIONS = 2000


@dataclass
class Grant:
    """One approval of the app by a user, alive while its refresh token is."""

    id: str
    user_id: str
    org_id: str
    scopes: list[str]
    refresh_token: str | None
    created: float
    used: float
    superseded: list[str] = field(default_factory=list)


@dataclass
class Access:
    """One access token: a session."""

    token: str
    user_id: str
    org_id: str
    scopes: list[str]
    grant_id: str | None
    used: float


@dataclass
class Code:
    """One authorization code."""

    code: str
    user_id: str
    org_id: str
    scopes: list[str]
    redirect_uri: str
    challenge: str | None
    issued: float


@dataclass
class Tokens:
    """Everything that opens the org."""

    grants: dict[str, Grant] = field(default_factory=dict)
    sessions: dict[str, Access] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    # Whether the app issues access tokens as JWT, which tell a client nothing.
    jwt: bool = False
    dirty: bool = False

    def issue_code(self, code: Code) -> Code:
        """Keep an authorization code."""
        self.codes[code.code] = code
        self.dirty = True
        return code

    def take_code(self, text: str) -> Code | None:
        """An authorization code, which is gone with this."""
        self.dirty = True
        return self.codes.pop(text, None)

    def open_grant(self, user_id: str, org_id: str, scopes: list[str], now: float) -> Grant:
        """A new approval; with a sixth the oldest of that user is silently revoked."""
        # Source: vendors' field reports (five live approvals for each user and app).
        token = new_refresh_token() if _wants_refresh(scopes) else None
        grant = Grant(secrets.token_hex(8), user_id, org_id, scopes, token, now, now)
        mine = [each for each in self.grants.values() if self._same(each, grant)]
        for oldest in sorted(mine, key=lambda each: each.created)[
            : max(0, len(mine) + 1 - MAX_GRANTS)
        ]:
            self.close_grant(oldest)
        self.grants[grant.id] = grant
        self.dirty = True
        return grant

    @staticmethod
    def _same(one: Grant, other: Grant) -> bool:
        return (one.user_id, one.org_id) == (other.user_id, other.org_id)

    def close_grant(self, grant: Grant) -> None:
        """Revoke an approval: its refresh token and its access tokens are dead."""
        self.grants.pop(grant.id, None)
        for token in [t for t, each in self.sessions.items() if each.grant_id == grant.id]:
            del self.sessions[token]
        self.dirty = True

    def open_session(
        self, user_id: str, org_id: str, scopes: list[str], now: float, grant_id: str | None = None
    ) -> Access:
        """A new access token."""
        token = new_jwt() if self.jwt else new_access_token(org_id)
        session = Access(token, user_id, org_id, scopes, grant_id, now)
        for oldest in list(self.sessions)[: max(0, len(self.sessions) + 1 - MAX_SESSIONS)]:
            del self.sessions[oldest]
        self.sessions[token] = session
        self.dirty = True
        return session

    def session(self, token: str, org_id: str, now: float, idle: float) -> Access | None:
        """The living session of an access token; looking at it keeps it alive."""
        session = self.sessions.get(token)
        if session is None or session.org_id != org_id or session.used + idle <= now:
            return None
        session.used = now
        return session

    def close_session(self, token: str) -> None:
        """Expire one access token."""
        self.sessions.pop(token, None)
        self.dirty = True

    def expire_sessions(self) -> None:
        """Expire all access tokens."""
        self.sessions.clear()
        self.dirty = True

    def revoke_all(self) -> None:
        """Revoke every approval and every session."""
        self.grants.clear()
        self.expire_sessions()

    def by_refresh_token(self, token: str, org_id: str) -> Grant | None:
        """The approval whose refresh token this is or was."""
        for grant in self.grants.values():
            if grant.org_id == org_id and token in (grant.refresh_token, *grant.superseded):
                return grant
        return None

    def rotate(self, grant: Grant) -> str:
        """A new refresh token for an approval; the old one is dead."""
        grant.superseded.append(grant.refresh_token or "")
        grant.refresh_token = new_refresh_token()
        self.dirty = True
        return grant.refresh_token

    def dump(self) -> dict[str, Any]:
        """The state to keep across a restart."""
        return {
            "grants": [asdict(each) for each in self.grants.values()],
            "sessions": [asdict(each) for each in self.sessions.values()],
            "codes": [asdict(each) for each in self.codes.values()],
        }

    def load(self, state: dict[str, Any]) -> None:
        """Take up the state of an earlier process."""
        self.grants = {each["id"]: Grant(**each) for each in state["grants"]}
        self.sessions = {each["token"]: Access(**each) for each in state["sessions"]}
        self.codes = {each["code"]: Code(**each) for each in state["codes"]}


def _wants_refresh(scopes: list[str]) -> bool:
    return "refresh_token" in scopes


def new_access_token(org_id: str) -> str:
    """An access token of the usual look: the short org id, a mark, and noise."""
    return f"{org_id[:15]}{ACCESS_MARK}AQ{secrets.token_urlsafe(64).replace('-', '_')}"


def new_jwt() -> str:
    """An access token of the other look: it opens the org, but its parts are noise."""
    return f"eyJ0bmsi{secrets.token_urlsafe(24)}.{secrets.token_urlsafe(96)}.{secrets.token_urlsafe(64)}"


def new_refresh_token() -> str:
    """A refresh token of the usual look."""
    return f"{REFRESH_PREFIX}{secrets.token_urlsafe(40).replace('-', '_')}=="
