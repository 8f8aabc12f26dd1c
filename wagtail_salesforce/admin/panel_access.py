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
from wagtail_salesforce.admin.panel_access_facts import (
    Fixed,
    KnownLeads,
    fixed,
    fixed_practice_url,
    key_trouble,
    known_leads,
)
from wagtail_salesforce.admin.words import in_words
from wagtail_salesforce.connection import authorize
from wagtail_salesforce.connection.credentials import Credentials, credentials
from wagtail_salesforce.connection.draft import draft, forget_draft, keep_draft
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.connection.secrets import UnreadableSecret
from wagtail_salesforce.connection.site import site_matches, site_url
from wagtail_salesforce.exceptions import REASONS, AuthorizationFailed, ConnectorError, Stopped


PANEL = "wagtail_salesforce:panel"


def callback_url(request: HttpRequest) -> str:
    """The address that the External Client App has to know, exactly as it is sent."""
    path = reverse("wagtail_salesforce:callback")
    base = getattr(settings, "WAGTAILADMIN_BASE_URL", "") or ""
    return f"{base.rstrip('/')}{path}" if base else request.build_absolute_uri(path)


def callback_is_safe(url: str) -> bool:
    """Whether Salesforce may send the authorization there: https, or a permitted loopback."""
    try:
        authorize.check_callback(url)
    except AuthorizationFailed:
        return False
    return True


class AccessSection:
    """What the panel's part "Organization access" shows and does."""

    def __init__(self, request: HttpRequest, connection: Connection, bound: bool = False) -> None:
        self.request = request
        self.connection = connection
        given = (request.POST, request.FILES) if bound else ()
        self.form = AccessForm(*given, instance=connection, initial=self._tried)

    @cached_property
    def callback_url(self) -> str:
        return callback_url(self.request)

    @property
    def callback_is_safe(self) -> bool:
        return callback_is_safe(self.callback_url)

    @property
    def site_url(self) -> str:
        return site_url()

    @cached_property
    def _known(self) -> Credentials:
        return credentials(self.connection)

    @property
    def fixed(self) -> list[Fixed]:
        """What the Django settings give; secrets without their value."""
        return fixed(self._known)

    @cached_property
    def fixed_practice_url(self) -> str:
        """The practice organization that the Django settings give, "" without one."""
        return fixed_practice_url(self._known)

    @cached_property
    def key_trouble(self) -> str:
        return key_trouble(self._known)

    @cached_property
    def leads(self) -> KnownLeads:
        return known_leads(self.connection)

    @cached_property
    def draft(self) -> dict[str, str]:
        """Values of an authorization that somebody began in this session and did not finish."""
        shown = ("login_url", "client_id")
        return {name: value for name, value in draft(self._session).items() if name in shown}

    @property
    def _tried(self) -> dict[str, str]:
        """The way to authorize that was tried last, so that it need not be chosen again."""
        return {name: text for name, text in draft(self._session).items() if name == "flow"}

    @property
    def _session(self) -> authorize.Session:
        return self.request.session

    @property
    def why_not(self) -> str:
        """Why a former authorization has ended, in words."""
        unreadable = isinstance(self.connection.access_token, UnreadableSecret)
        code = "unreadable_secret" if unreadable else self.connection.status_reason
        reason = REASONS.get(code)
        return f"{reason.text} {reason.cure}" if reason else ""

    def save(self) -> HttpResponse | None:
        """Do what the button says; None when the form has to be corrected first."""
        actions = {"again": self._again, "continue": self._go_on, "forget": self._forget}
        action = actions.get(self.request.POST.get("do", ""))
        return action() if action else self._with_these_values()

    def _with_these_values(self) -> HttpResponse | None:
        if not self.form.is_valid():
            return None
        flow = self.form.cleaned_data["flow"]
        try:
            if flow == Connection.Flow.WEB_SERVER:
                return redirect(self._begin(self._keep_what_was_typed()))
            return self._welcome(self._ask_for_token(flow, self.form.values()))
        except ConnectorError as error:
            self.form.add_error(None, in_words(error))
            self._keep_for_the_next_try(flow)
            return None

    def _keep_what_was_typed(self) -> dict[str, str]:
        """What does not count yet: values that Salesforce has accepted stay until others are."""
        stored = Connection.load()
        values = {**self.form.values(), "flow": self.form.cleaned_data["flow"]}
        log(stored, "wagtail_salesforce.save_access", user=self.request.user)
        if _nothing_accepted(stored):
            self.form.store()
            return {}
        changes = {name: text for name, text in values.items() if getattr(stored, name) != text}
        keep_draft(self._session, changes)
        return changes

    def _keep_for_the_next_try(self, flow: str) -> None:
        """What did not work is only kept when nothing else ever did."""
        if _nothing_accepted(Connection.load()):
            self.form.store(flow=flow)

    def _begin(self, changes: dict[str, str]) -> str:
        return authorize.begin(self._session, self.callback_url, changes)

    def _ask_for_token(self, flow: str, values: dict[str, str]) -> Connection:
        """Without a person at Salesforce. `values` that are left out count as they are stored."""
        given = {name: values.get(name, "") for name in ("login_url", "client_id")}
        user = self.request.user
        if flow == Connection.Flow.JWT_BEARER:
            username, key = values.get("jwt_username", ""), values.get("jwt_private_key", "")
            return authorize.connect_with_jwt(
                **given, username=username, private_key=key, user=user
            )
        secret = values.get("client_secret", "")
        return authorize.connect_with_client_credentials(**given, client_secret=secret, user=user)

    def _again(self) -> HttpResponse:
        """Authorize in the way and with the values that are in force; a copy is asked about first."""
        flow = self.connection.flow
        try:
            if not site_matches(self.connection):
                raise Stopped(code="site_changed")
            if flow == Connection.Flow.WEB_SERVER:
                return redirect(self._begin({}))
            return self._welcome(self._ask_for_token(flow, {}))
        except ConnectorError as error:
            messages.error(self.request, in_words(error))
            return redirect(PANEL)

    def _go_on(self) -> HttpResponse:
        """Back to Salesforce with what was typed and not finished."""
        waiting = draft(self._session)
        if not waiting:
            text = _("Nothing is waiting any more: enter the values again under Change the access.")
            messages.warning(self.request, text)
            return redirect(PANEL)
        try:
            return redirect(self._begin(waiting))
        except ConnectorError as error:
            messages.error(self.request, in_words(error))
            return redirect(PANEL)

    def _forget(self) -> HttpResponse:
        forget_draft(self._session)
        messages.success(self.request, _("The values that did not count yet are forgotten."))
        return redirect(PANEL)

    def _welcome(self, connection: Connection) -> HttpResponse:
        forget_draft(self._session)
        return welcome(self.request, connection)


def _nothing_accepted(stored: Connection) -> bool:
    """Whether Salesforce has never accepted what is stored: clearing keeps key and secret, and
    the generation of the tokens goes on from there."""
    return stored.status == Connection.Status.EMPTY and not stored.token_generation


def welcome(request: HttpRequest, connection: Connection) -> HttpResponse:
    """Log a successful authorization and go back to the panel."""
    log(
        connection,
        "wagtail_salesforce.authorize",
        user=request.user,
        data={"org_id": connection.org_id, "user_id": connection.user_id},
    )
    text = _(
        "Connected to %(org)s as %(user)s. New leads will belong to %(user)s unless the mapping "
        "or an assignment rule says otherwise."
    )
    messages.success(request, text % {"org": connection.org_name, "user": connection.user_name})
    return redirect(PANEL)
