"""Organization access: where to log in, as which app, and in which way."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_salesforce.admin.forms_access_fields import (
    HOST_FIELDS,
    KeyFileField,
    SecretTextarea,
    host_choices,
    host_initial,
)
from wagtail_salesforce.admin.words import in_words
from wagtail_salesforce.conf import conf
from wagtail_salesforce.connection.credentials import credentials, host_rules
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.exceptions import AuthorizationFailed
from wagtail_salesforce.reasons import REASONS
from wagtail_salesforce.salesforce.private_key import usable_key
from wagtail_salesforce.salesforce.typed_hosts import as_login_url


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
            "In Salesforce under Setup, My Domain. For example mycompany.my.salesforce.com. "
            "An address copied from the browser will do."
        ),
    )
    practice_url = forms.CharField(
        label=gettext_lazy("Address of the practice organization"),
        required=False,
        max_length=255,
        help_text=gettext_lazy("For example http://127.0.0.1:8800"),
    )
    jwt_key_file = KeyFileField(label=gettext_lazy("File with the private key"), required=False)

    class Meta:
        model = Connection
        fields = ["flow", "client_id", "client_secret", "jwt_username", "jwt_private_key"]
        widgets = {
            "flow": forms.RadioSelect,
            "client_id": forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            "client_secret": forms.PasswordInput(attrs={"autocomplete": "new-password"}),
            "jwt_username": forms.TextInput(attrs={"autocomplete": "off"}),
            "jwt_private_key": SecretTextarea(
                attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}
            ),
        }
        labels = {
            "flow": gettext_lazy("Way to authorize"),
            "client_id": gettext_lazy("Consumer key"),
            "client_secret": gettext_lazy("Consumer secret"),
            "jwt_username": gettext_lazy("Salesforce user name"),
            "jwt_private_key": gettext_lazy("Private key, pasted"),
        }
        help_texts = {
            "flow": gettext_lazy(
                "If you can log in to Salesforce, choose the first: it is set up soonest. The "
                "others need nobody to log in, which suits sites that are put up by a script."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.given = credentials(self.instance).from_settings
        self.stored = {name: getattr(self.instance, name) for name in SECRETS}
        self._leave_out_what_settings_give()
        if "environment" in self.fields:
            self._offer_hosts()
        if "client_id" in self.fields:
            # Which secret is needed depends on the way to authorize; `clean` asks for it.
            self.fields["client_id"].required = True
            self.fields["client_id"].help_text = _if_salesforce_refuses()
        self._explain_secrets()

    def _leave_out_what_settings_give(self) -> None:
        left_out = {
            "login_url": HOST_FIELDS,
            "jwt_private_key": ("jwt_private_key", "jwt_key_file"),
        }
        for given in self.given:
            for name in left_out.get(given, (given,)):
                del self.fields[name]

    def _offer_hosts(self) -> None:
        environment: Any = self.fields["environment"]
        environment.choices = host_choices()
        self.initial.update(host_initial(self.instance.login_url, HOSTS))
        if not conf().ALLOW_LOOPBACK_ORG:
            del self.fields["practice_url"]

    def _explain_secrets(self) -> None:
        """A stored secret is never sent to the browser, not even as a dot for each character."""
        if "client_secret" in self.fields and self.stored["client_secret"]:
            self.fields["client_secret"].help_text = _(
                "One is stored. Leave this blank to keep it, or enter a new one."
            )
        if "jwt_private_key" not in self.fields:
            return
        self.fields["jwt_key_file"].help_text = (
            _("A key is stored. Leave file and text blank to keep it, or give another one.")
            if self.stored["jwt_private_key"]
            else _("In PEM form, such as salesforce.key. It is stored encrypted and never shown.")
        )
        self.fields["jwt_private_key"].help_text = _(
            "Instead of the file: everything from “-----BEGIN PRIVATE KEY-----” to the end."
        )

    def clean_client_id(self) -> str:
        return self.cleaned_data["client_id"].strip()

    def clean_client_secret(self) -> str:
        return self.cleaned_data["client_secret"].strip() or self.stored["client_secret"]

    def clean_jwt_username(self) -> str:
        return self.cleaned_data["jwt_username"].strip()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "environment" in self.fields and data.get("environment"):
            self._clean_host(data)
        if "jwt_private_key" in self.fields and data.get("flow") == Connection.Flow.JWT_BEARER:
            self._clean_key(data)
        self._require(data)
        return data

    def _clean_host(self, data: dict[str, Any]) -> None:
        kind = data["environment"]
        field = {"my-domain": "my_domain", "practice": "practice_url"}.get(kind, "environment")
        url = HOSTS.get(kind) or as_login_url(data.get(field, ""))
        try:
            data["login_url"] = host_rules().check(url).origin
        except AuthorizationFailed as error:
            self.add_error(field, in_words(error))
            return
        serves_all = data["login_url"] in HOSTS.values()
        if serves_all and data.get("flow") == Connection.Flow.CLIENT_CREDENTIALS:
            reason = REASONS["wrong_login_host"]
            self.add_error(field, f"{reason.text} {reason.cure}")

    def _clean_key(self, data: dict[str, Any]) -> None:
        """The key from the file or from the text; what is in neither stays as stored."""
        pasted, uploaded = data.get("jwt_private_key", "").strip(), data.get("jwt_key_file")
        if pasted and uploaded:
            words = _("Give the private key as a file or as text, not both.")
            self.add_error("jwt_key_file", words)
        field = "jwt_key_file" if uploaded else "jwt_private_key"
        data["jwt_private_key"] = self.stored["jwt_private_key"]
        try:
            if uploaded or pasted:
                data["jwt_private_key"] = usable_key(uploaded or pasted)
        except AuthorizationFailed as error:
            self.add_error(field, in_words(error))

    def _require(self, data: dict[str, Any]) -> None:
        wanted = ("client_id", *NEEDS.get(data.get("flow", ""), ()))
        for name in wanted:
            is_key = name == "jwt_private_key"
            failed = name in self.errors or (is_key and "jwt_key_file" in self.errors)
            if name not in self.fields or data.get(name) or failed:
                continue
            if is_key:
                self.add_error("jwt_key_file", _("Upload the private key, or paste it below."))
                continue
            label = str(self.fields[name].label)
            self.add_error(name, _("Enter the %(label)s.") % {"label": _in_sentence(label)})

    def values(self) -> dict[str, str]:
        """The fields of the connection that were typed, or kept by leaving them blank."""
        data = self.cleaned_data
        wanted = ("client_id", "login_url", *NEEDS[data["flow"]])
        return {name: data[name] for name in STORED if name in data and name in wanted}

    def store(self, **also: str) -> None:
        """Keep the app's credentials; the way to authorize changes only once it has worked."""
        Connection.objects.filter(pk=self.instance.pk).update(**self.values(), **also)


def _if_salesforce_refuses() -> str:
    """Where a person is sent to Salesforce, it shows a wrong key or address on a page of its own."""
    text = _(
        "If Salesforce shows an error page after you press Authorize, the consumer key or the "
        "address is usually wrong. Come back with the browser's back button and correct it."
    )
    return format_html('<span class="ws-when ws-when--web-server">{}</span>', text)


def _in_sentence(label: str) -> str:
    return label if label.startswith("Salesforce") else label[:1].lower() + label[1:]
