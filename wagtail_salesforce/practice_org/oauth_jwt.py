"""The JWT bearer flow: an assertion signed with the app's certificate.

Source: Salesforce help, "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration".
"""

from typing import Any

from .errors import OAuthError
from .oauth_request import OAuthRequest, check_installed, token_answer
from .org import Org
from .seed import CLIENT_ID, SCOPES
from .wire import Answer


LONGEST_LIFE = 3 * 60


def jwt_bearer(request: OAuthRequest) -> Answer:
    """Exchange an assertion for an access token; there is no refresh token."""
    org = request.org
    claims = _claims(org, request.form.get("assertion", ""))
    if claims.get("iss") != CLIENT_ID:
        # Assumption jwt-refusals: an unknown issuer reads like an unknown client id.
        raise OAuthError("invalid_client_id", "client identifier invalid")
    check_installed(request)
    _check_audience(org, claims.get("aud"))
    _check_expiry(org, claims.get("exp"))
    user = org.user_by_name(str(claims.get("sub", "")))
    if user is None:
        # Assumption jwt-refusals: an unknown user name makes the assertion invalid.
        raise _invalid()
    if org.user(user["Id"]) is None:
        raise OAuthError("invalid_grant", "inactive user")
    if not org.options.jwt_approved:
        raise OAuthError("invalid_grant", "user hasn't approved this consumer")
    scopes = [scope for scope in SCOPES if scope != "refresh_token"]
    now = org.clock.timestamp()
    session = org.tokens.open_session(user["Id"], org.options.org_id, scopes, now)
    return token_answer(org, session, None)


def _invalid() -> OAuthError:
    return OAuthError("invalid_grant", "invalid assertion")


def _claims(org: Org, assertion: str) -> dict[str, Any]:
    """The claims of a well signed assertion (RS256 only)."""
    import jwt  # Here, because the other flows start faster without it.

    key = org.options.jwt_public_key
    if key is None:
        raise _invalid()
    try:
        # The times are checked by the org's clock, the rest by hand.
        unchecked: Any = {f"verify_{name}": False for name in ("exp", "aud", "iat", "nbf", "sub")}
        return jwt.decode(assertion, _public_key(key), algorithms=["RS256"], options=unchecked)
    except (jwt.PyJWTError, ValueError) as error:
        raise _invalid() from error


def _public_key(pem: str) -> Any:
    """The public key of a certificate, or of a bare public key."""
    if "CERTIFICATE" not in pem:
        return pem
    from cryptography.x509 import load_pem_x509_certificate

    return load_pem_x509_certificate(pem.encode()).public_key()


def _check_audience(org: Org, audience: Any) -> None:
    # Assumption jwt-audience: a sandbox wants the test host's name, any other org the login host's.
    login = "https://test.salesforce.com" if org.options.sandbox else "https://login.salesforce.com"
    if audience not in (login, org.base_url):
        raise OAuthError("invalid_grant", "audience is invalid")


def _check_expiry(org: Org, expiry: Any) -> None:
    """By the org's time; Salesforce takes assertions of at most three minutes."""
    now = org.clock.timestamp()
    # Assumption jwt-refusals: an assertion out of its time is called invalid.
    if not isinstance(expiry, (int, float)) or isinstance(expiry, bool):
        raise _invalid()
    if not now < expiry <= now + LONGEST_LIFE:
        raise _invalid()
