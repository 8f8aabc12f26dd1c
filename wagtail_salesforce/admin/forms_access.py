"""Organization access: where to log in, as which app, and in which way."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_salesforce.conf import conf
from wagtail_salesforce.connection.credentials import credentials, host_rules
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.exceptions import AuthorizationFailed


PRODUCTION = "https://login.salesforce.com"
SANDBOX = "https://test.salesforce.com"
HOSTS = {"production": PRODUCTION, "sandbox": SANDBOX}

#: Which secret each way to authorize needs, besides the consumer key.
NEEDS = {
    Connection.Flow.WEB_SERVER: ("client_secret",),
    Connection.Flow.CLIENT_CREDENTIALS: ("client_secret",),
    Connection.Flow.JWT_BEARER: ("jwt_username", "jwt_private_key"),
}
SECRETS = ("client_secret", "jwt_private_key")
STORED = ("login_url", "client_id", "client_secret", "jwt_username", "jwt_private_key")


class SecretTextarea(forms.Textarea):
    """A text area that, like a password field, never shows what it was given."""

    def format_value(self, value: Any) -> str:
        return ""


class AccessForm(forms.ModelForm):
    """Fields that the Django settings give are left out; a blank secret keeps the stored one."""

    environment = forms.ChoiceField(
        label=gettext_lazy("Kind of organization"), widget=forms.RadioSelect
    )
    my_domain = forms.CharField(
        label=gettext_lazy("My Domain"),
        required=False,
        max_length=255,
        help_text=gettext_lazy(
            "In Salesforce under Setup, My Domain. For example mycompany.my.salesforce.com"
        ),
    )
    practice_url = forms.CharField(
        label=gettext_lazy("Address of the practice organization"),
        required=False,
        max_length=255,
        help_text=gettext_lazy("For example http://127.0.0.1:8800"),
    )

    class Meta:
        model = Connection
        fields = ["flow", "client_id", "client_secret", "jwt_username", "jwt_private_key"]
        widgets = {
            "flow": forms.RadioSelect,
            "client_id": forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            "client_secret": forms.PasswordInput(attrs={"autocomplete": "new-password"}),
            "jwt_username": forms.TextInput(attrs={"autocomplete": "off"}),
            "jwt_private_key": SecretTextarea(
                attrs={"rows": 5, "autocomplete": "off", "spellcheck": "false"}
            ),
        }
        labels = {
            "flow": gettext_lazy("Way to authorize"),
            "client_id": gettext_lazy("Consumer key"),
            "client_secret": gettext_lazy("Consumer secret"),
            "jwt_username": gettext_lazy("Salesforce user name"),
            "jwt_private_key": gettext_lazy("Private key"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.given = credentials(self.instance).from_settings
        self.stored = {name: getattr(self.instance, name) for name in SECRETS}
        for name in self.given:
            self.fields.pop("environment" if name == "login_url" else name, None)
        if "login_url" in self.given:
            del self.fields["my_domain"], self.fields["practice_url"]
        else:
            self._offer_hosts()
        self._mark_required()
        self._explain_secrets()

    def _mark_required(self) -> None:
        """Which secret is needed depends on the way to authorize; `clean` asks for it."""
        if "client_id" in self.fields:
            self.fields["client_id"].required = True

    def _offer_hosts(self) -> None:
        environment: Any = self.fields["environment"]
        environment.choices = [
            ("production", _("Production or Developer Edition (login.salesforce.com)")),
            ("sandbox", _("Sandbox (test.salesforce.com)")),
            ("my-domain", _("My Domain")),
            *([("practice", _("Practice organization"))] if conf().ALLOW_LOOPBACK_ORG else []),
        ]
        self.initial.update(_host_initial(self.instance.login_url))
        if not conf().ALLOW_LOOPBACK_ORG:
            del self.fields["practice_url"]

    def _explain_secrets(self) -> None:
        """A stored secret is never sent to the browser, not even as a dot for each character."""
        for name in SECRETS:
            if name in self.fields and self.stored[name]:
                self.fields[name].help_text = _(
                    "One is stored. Leave this blank to keep it, or enter a new one."
                )
        if "jwt_private_key" in self.fields and not self.stored["jwt_private_key"]:
            self.fields["jwt_private_key"].help_text = _(
                "In PEM form, from “-----BEGIN PRIVATE KEY-----” to the end. Its certificate "
                "belongs in the External Client App."
            )

    def clean_client_id(self) -> str:
        return self.cleaned_data["client_id"].strip()

    def clean_client_secret(self) -> str:
        return self.cleaned_data["client_secret"].strip() or self.stored["client_secret"]

    def clean_jwt_private_key(self) -> str:
        key = self.cleaned_data["jwt_private_key"].strip()
        if not key:
            return self.stored["jwt_private_key"]
        try:
            load_pem_private_key(key.encode(), password=None)
        except (ValueError, TypeError):
            raise forms.ValidationError(
                _("This is not a private key in PEM form without a password.")
            ) from None
        return f"{key}\n"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "environment" in self.fields and data.get("environment"):
            self._clean_host(data)
        self._require(data)
        return data

    def _clean_host(self, data: dict[str, Any]) -> None:
        kind = data["environment"]
        field = {"my-domain": "my_domain", "practice": "practice_url"}.get(kind, "environment")
        url = HOSTS.get(kind) or _as_url(data.get(field, ""))
        try:
            data["login_url"] = host_rules().check(url).origin
        except AuthorizationFailed as error:
            self.add_error(field, error.message)

    def _require(self, data: dict[str, Any]) -> None:
        wanted = ("client_id", *NEEDS.get(data.get("flow", ""), ()))
        for name in wanted:
            if name in self.fields and not data.get(name) and name not in self.errors:
                label = self.fields[name].label
                self.add_error(name, _("Enter the %(label)s.") % {"label": str(label).lower()})

    def store(self, **also: str) -> None:
        """Keep the app's credentials; the way to authorize changes only once it has worked."""
        data = self.cleaned_data
        values = {name: data[name] for name in STORED if name in data} | also
        Connection.objects.filter(pk=self.instance.pk).update(**values)


def _host_initial(login_url: str) -> dict[str, str]:
    for kind, url in HOSTS.items():
        if login_url == url:
            return {"environment": kind}
    if login_url.startswith("http://"):
        return {"environment": "practice", "practice_url": login_url}
    return {"environment": "my-domain", "my_domain": login_url.removeprefix("https://")}


def _as_url(text: str) -> str:
    """An address as people type or paste it: the scheme and a slash at the end may be missing."""
    text = text.strip().rstrip("/")
    return text if not text or "://" in text else f"https://{text}"
