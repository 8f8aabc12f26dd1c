"""Who may do what in the admin; the one list of the permissions that our views ask for."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase


AUTHORIZE = "wagtail_salesforce.authorize_connection"
CHANGE_SETTINGS = "wagtail_salesforce.change_replicationsettings"
ADD_MAPPING = "wagtail_salesforce.add_mapping"
CHANGE_MAPPING = "wagtail_salesforce.change_mapping"
RUN = "wagtail_salesforce.run_replication"
VIEW_RUNS = "wagtail_salesforce.view_run"
VIEW_LINKS = "wagtail_salesforce.view_leadlink"
REPLICATE_CONTACT = "wagtail_salesforce.replicate_contact"

#: Either of these lets somebody connect a form, or switch a connection on again.
CONNECT_FORMS = (
    "wagtail_salesforce.add_formconnection",
    "wagtail_salesforce.change_formconnection",
)

#: Any of these opens the panel; what it shows depends on which of them somebody has.
PANEL = (AUTHORIZE, CHANGE_SETTINGS, CHANGE_MAPPING, RUN, VIEW_RUNS, VIEW_LINKS)

#: Registered by nobody else: models with a viewset register their own.
REGISTERED = (
    ("connection", "authorize_connection"),
    ("replicationsettings", "change_replicationsettings"),
    ("replicationsettings", "run_replication"),
    ("run", "view_run"),
    ("leadlink", "view_leadlink"),
)


def may(user: Any, *permissions: str) -> bool:
    """Whether somebody has at least one of the permissions."""
    return any(user.has_perm(permission) for permission in permissions)


def registered_permissions() -> QuerySet[Permission]:
    """The permissions to show in group editing."""
    wanted = Q()
    for model, codename in REGISTERED:
        wanted |= Q(content_type__model=model, codename=codename)
    return Permission.objects.filter(wanted, content_type__app_label="wagtail_salesforce")


class PermissionRequiredMixin:
    """Refuses a request, whatever its method, unless one of `permissions` is held."""

    permissions: tuple[str, ...] = PANEL

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Wagtail turns the refusal into a message and a redirect to its home page."""
        if not may(request.user, *self.permissions):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
