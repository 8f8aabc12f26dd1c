"""The installation's one authorized access to one Salesforce organization."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_salesforce.connection.secrets import EncryptedTextField


class Connection(models.Model):
    """One row, primary key 1. Use `Connection.load()`."""

    class Flow(models.TextChoices):
        WEB_SERVER = "web-server", _("A person logs in and allows access (web server flow)")
        CLIENT_CREDENTIALS = "client-credentials", _("Client credentials")
        JWT_BEARER = "jwt-bearer", _("JWT bearer")

    class Status(models.TextChoices):
        EMPTY = "empty", _("Not authorized")
        AUTHORIZED = "authorized", _("Authorized")
        NEEDS_AUTHORIZATION = "needs_authorization", _("Authorization needed")

    login_url = models.CharField(
        _("login address"), max_length=255, default="https://login.salesforce.com"
    )
    flow = models.CharField(
        _("way to authorize"), max_length=20, choices=Flow.choices, default=Flow.WEB_SERVER
    )
    client_id = models.CharField(_("consumer key"), max_length=300, blank=True)
    client_secret = EncryptedTextField(_("consumer secret"), blank=True)
    jwt_username = models.CharField(_("Salesforce user name"), max_length=255, blank=True)
    jwt_private_key = EncryptedTextField(_("private key"), blank=True)

    access_token = EncryptedTextField(blank=True, editable=False)
    refresh_token = EncryptedTextField(blank=True, editable=False)
    # Grows with every token that is stored, so that a worker sees that another has refreshed.
    token_generation = models.PositiveIntegerField(default=0, editable=False)
    instance_url = models.CharField(max_length=255, blank=True, editable=False)
    scope = models.CharField(max_length=500, blank=True, editable=False)
    status = models.CharField(
        max_length=20, choices=Status.choices, default=Status.EMPTY, editable=False
    )
    # The code of what made the authorization end, for the panel; empty while all is well.
    status_reason = models.CharField(max_length=100, blank=True, editable=False)

    org_id = models.CharField(max_length=18, blank=True, editable=False)
    org_name = models.CharField(max_length=255, blank=True, editable=False)
    is_sandbox = models.BooleanField(default=False, editable=False)
    user_id = models.CharField(max_length=18, blank=True, editable=False)
    user_name = models.CharField(max_length=255, blank=True, editable=False)
    # The site's base address when it was authorized; a copied database answers another one.
    site_url = models.CharField(max_length=255, blank=True, editable=False)
    authorized_at = models.DateTimeField(null=True, editable=False)
    authorized_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )

    api_calls_used = models.PositiveIntegerField(null=True, editable=False)
    api_calls_max = models.PositiveIntegerField(null=True, editable=False)
    api_calls_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("Salesforce connection")
        verbose_name_plural = _("Salesforce connections")
        permissions = [("authorize_connection", _("Can authorize a Salesforce organization"))]

    def __str__(self) -> str:
        return self.org_name or str(_("Salesforce connection"))

    @classmethod
    def load(cls) -> Connection:
        """The one connection; made empty on first use."""
        return cls.objects.get_or_create(pk=1)[0]

    @property
    def is_practice(self) -> bool:
        """Whether the organization is a practice org on this machine."""
        return urlsplit(self.instance_url).hostname in {"127.0.0.1", "::1", "localhost"}

    @property
    def is_authorized(self) -> bool:
        return self.status == self.Status.AUTHORIZED


class DescribeSnapshot(models.Model):
    """An org's description of one object, as last read."""

    org_id = models.CharField(max_length=18)
    object_name = models.CharField(max_length=100)
    data = models.JSONField()
    fetched_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["org_id", "object_name"], name="ws_describe_once"),
        ]

    def __str__(self) -> str:
        return self.object_name
