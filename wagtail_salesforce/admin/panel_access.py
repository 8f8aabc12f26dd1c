"""The panel's part "Organization access": what it shows, and how it authorizes."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.log_actions import log

from wagtail_salesforce.admin.forms_access import AccessForm
from wagtail_salesforce.admin.words import in_words
from wagtail_salesforce.conf import conf
from wagtail_salesforce.connection import authorize
from wagtail_salesforce.connection.credentials import credentials
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.secrets import UnreadableSecret
from wagtail_salesforce.connection.site import site_url
from wagtail_salesforce.exceptions import REASONS, ConnectorError
from wagtail_salesforce.salesforce.hosts import parse_address


PANEL = "wagtail_salesforce:panel"


def callback_url(request: HttpRequest) -> str:
    """The address that the External Client App has to know, exactly as it is sent."""
    path = reverse("wagtail_salesforce:callback")
    base = getattr(settings, "WAGTAILADMIN_BASE_URL", "") or ""
    return f"{base.rstrip('/')}{path}" if base else request.build_absolute_uri(path)


def callback_is_safe(url: str) -> bool:
    """Whether Salesforce may send the authorization there: https, or a permitted loopback."""
    address = parse_address(url)
    if address is None:
        return False
    return address.scheme == "https" or (address.is_loopback and conf().ALLOW_LOOPBACK_ORG)


class AccessSection:
    """What the panel's part "Organization access" shows and does."""

    def __init__(self, request: HttpRequest, connection: Connection, bound: bool = False) -> None:
        self.request = request
        self.connection = connection
        self.form = AccessForm(request.POST if bound else None, instance=connection)

    @cached_property
    def callback_url(self) -> str:
        return callback_url(self.request)

    @property
    def callback_is_safe(self) -> bool:
        return callback_is_safe(self.callback_url)

    @property
    def site_url(self) -> str:
        return site_url()

    @property
    def fixed(self) -> list[tuple[str, str]]:
        """What the Django settings give, as (label, value); the secret's value is not shown."""
        known = credentials(self.connection)
        rows = [
            ("login_url", _("Login address"), known.login_url),
            ("client_id", _("Consumer key"), known.client_id),
            ("client_secret", _("Consumer secret"), ""),
        ]
        return [(label, value) for name, label, value in rows if name in known.from_settings]

    @property
    def why_not(self) -> str:
        """Why a former authorization has ended, in words."""
        unreadable = isinstance(self.connection.access_token, UnreadableSecret)
        code = "unreadable_secret" if unreadable else self.connection.status_reason
        reason = REASONS.get(code)
        return f"{reason.text} {reason.cure}" if reason else ""

    def save(self) -> HttpResponse | None:
        """Authorize with what was typed; None when the form has to be corrected first."""
        if not self.form.is_valid():
            return None
        flow = self.form.cleaned_data["flow"]
        if flow == Connection.Flow.WEB_SERVER:
            return self._send_to_salesforce()
        return self._connect(flow)

    def _send_to_salesforce(self) -> HttpResponse:
        self.form.store()
        log(self.connection, "wagtail_salesforce.save_access", user=self.request.user)
        try:
            url = authorize.begin(self.request.session, self.callback_url)
        except ConnectorError as error:
            messages.error(self.request, in_words(error))
            return redirect(PANEL)
        return redirect(url)

    def _connect(self, flow: str) -> HttpResponse | None:
        """Without a person at Salesforce. What did not work is only kept when nothing else did."""
        try:
            connection = self._ask_for_token(flow)
        except ConnectorError as error:
            self.form.add_error(None, in_words(error))
            if self.connection.status == Connection.Status.EMPTY:
                self.form.store(flow=flow)
            return None
        return welcome(self.request, connection)

    def _ask_for_token(self, flow: str) -> Connection:
        data = self.form.cleaned_data
        given = {name: data.get(name, "") for name in ("login_url", "client_id")}
        user = self.request.user
        if flow == Connection.Flow.JWT_BEARER:
            username, key = data["jwt_username"], data["jwt_private_key"]
            return authorize.connect_with_jwt(
                **given, username=username, private_key=key, user=user
            )
        return authorize.connect_with_client_credentials(
            **given, client_secret=data.get("client_secret", ""), user=user
        )


def welcome(request: HttpRequest, connection: Connection) -> HttpResponse:
    """Log a successful authorization and go back to the panel."""
    log(
        connection,
        "wagtail_salesforce.authorize",
        user=request.user,
        data={"org_id": connection.org_id, "user_id": connection.user_id},
    )
    text = _("Connected to %(org)s as %(user)s.")
    messages.success(request, text % {"org": connection.org_name, "user": connection.user_name})
    return redirect(PANEL)
