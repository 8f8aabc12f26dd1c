"""Who the token belongs to: userinfo and the identity URL; and revoking it.

Source: Salesforce help, "Identity URLs", "Query for User Information", "Revoke OAuth Tokens".
"""

from typing import Any

from .errors import OAuthError
from .ids import normalise
from .oauth_request import OAuthRequest, identity_url
from .oauth_token import refusal
from .tables import Row
from .tokens import ACCESS_MARK, REFRESH_PREFIX, Access
from .wire import TEXT, Answer


URL_PATHS = {
    "enterprise": "/services/Soap/c/{version}/%s",
    "metadata": "/services/Soap/m/{version}/%s",
    "partner": "/services/Soap/u/{version}/%s",
    "rest": "/services/data/v{version}/",
    "sobjects": "/services/data/v{version}/sobjects/",
    "search": "/services/data/v{version}/search/",
    "query": "/services/data/v{version}/query/",
    "recent": "/services/data/v{version}/recent/",
    "tooling_soap": "/services/Soap/T/{version}/%s",
    "tooling_rest": "/services/data/v{version}/tooling/",
    "feeds": "/services/data/v{version}/chatter/feeds",
    "groups": "/services/data/v{version}/chatter/groups",
    "users": "/services/data/v{version}/chatter/users",
    "feed_items": "/services/data/v{version}/chatter/feed-items",
    "feed_elements": "/services/data/v{version}/chatter/feed-elements",
}


def userinfo(request: OAuthRequest) -> Answer:
    """GET /services/oauth2/userinfo."""
    session = _session(request)
    if isinstance(session, Answer):
        return session
    return Answer(200, _userinfo(request, _user(request, session)))


def identity(request: OAuthRequest, org_id: str, user_id: str) -> Answer:
    """GET /id/{org}/{user}."""
    session = _session(request)
    if isinstance(session, Answer):
        return session
    # Assumption identity-refusals: the texts of a wrong org and a wrong user.
    if normalise(org_id) != request.org.options.org_id:
        return Answer(403, "Wrong_Org", content_type=TEXT)
    if normalise(user_id) != session.user_id:
        return Answer(403, "Bad_Id", content_type=TEXT)
    return Answer(200, _identity(request, _user(request, session)))


def _session(request: OAuthRequest) -> Access | Answer:
    """The session of the bearer token, or the plain-text refusal."""
    token = request.bearer()
    if token is None:
        return Answer(403, "Missing_OAuth_Token", content_type=TEXT)
    return request.session(token) or Answer(403, "Bad_OAuth_Token", content_type=TEXT)


def _user(request: OAuthRequest, session: Access) -> Row:
    user = request.org.user(session.user_id)
    assert user is not None
    return user


def _urls(request: OAuthRequest, user: Row, version: str = "{version}") -> dict[str, str]:
    base, org_id = request.org.base_url, request.org.options.org_id
    urls = {
        name: base + path.replace("%s", org_id).replace("{version}", version)
        for name, path in URL_PATHS.items()
    }
    return {**urls, "profile": f"{base}/{user['Id']}", "custom_domain": base}


def _common(user: Row) -> dict[str, Any]:
    return {
        "active": True,
        "user_type": "STANDARD",
        "language": "en_US",
        "locale": "en_US",
        "utcOffset": 0,
        "email": user["Email"],
        "email_verified": True,
        "user_id": user["Id"],
        "is_app_installed": True,
    }


def _userinfo(request: OAuthRequest, user: Row) -> dict[str, Any]:
    org = request.org
    photo = f"{org.base_url}/profilephoto/005"
    return {
        "sub": identity_url(org, user["Id"]),
        "organization_id": org.options.org_id,
        "preferred_username": user["Username"],
        "nickname": user["Username"].partition("@")[0],
        "name": user["Name"],
        "given_name": user["FirstName"],
        "family_name": user["LastName"],
        "zoneinfo": "GMT",
        "photos": {"picture": f"{photo}/F", "thumbnail": f"{photo}/T"},
        "profile": f"{org.base_url}/{user['Id']}",
        "picture": f"{photo}/F",
        "address": {"country": "GB"},
        "is_salesforce_integration_user": False,
        "urls": _urls(request, user),
        "updated_at": _stamp(user["SystemModstamp"]),
        **_common(user),
    }


def _stamp(text: str) -> str:
    return text[:19] + "Z"


def _identity(request: OAuthRequest, user: Row) -> dict[str, Any]:
    org = request.org
    photo = f"{org.base_url}/profilephoto/005"
    wanted = request.query.get("version")
    version = "68.0" if wanted == "latest" else wanted or "{version}"
    return {
        "id": identity_url(org, user["Id"]),
        "asserted_user": True,
        "organization_id": org.options.org_id,
        "username": user["Username"],
        "nick_name": user["Username"].partition("@")[0],
        "display_name": user["Name"],
        "first_name": user["FirstName"],
        "last_name": user["LastName"],
        "timezone": "GMT",
        "photos": {"picture": f"{photo}/F", "thumbnail": f"{photo}/T"},
        "addr_street": None,
        "addr_city": None,
        "addr_state": None,
        "addr_country": "GB",
        "addr_zip": None,
        "mobile_phone": None,
        "mobile_phone_verified": False,
        "is_lightning_login_user": False,
        "status": {"created_date": None, "body": None},
        "urls": _urls(request, user, version),
        "last_modified_date": _stamp(user["SystemModstamp"]),
        **_common(user),
    }


def revoke(request: OAuthRequest) -> Answer:
    """POST /services/oauth2/revoke: the token is dead, a refresh token with its sessions."""
    tokens = request.org.tokens
    text = request.form.get("token", "")
    grant = tokens.by_refresh_token(text, request.org.options.org_id)
    if grant is not None and grant.refresh_token == text:
        tokens.close_grant(grant)
    elif text in tokens.sessions:
        tokens.close_session(text)
    elif ACCESS_MARK in text or text.startswith((REFRESH_PREFIX, "eyJ")):
        # Assumption revoke-refusals: a token that is already dead is invalid; anything else is no token type.
        return refusal(OAuthError("invalid_token", "invalid token"))
    else:
        return refusal(OAuthError("unsupported_token_type", "this token type is not supported"))
    return Answer(200, b"", content_type=TEXT)
