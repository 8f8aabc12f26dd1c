from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WagtailSalesforceConfig(AppConfig):
    name = "wagtail_salesforce"
    verbose_name = _("Salesforce integration")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wagtail_salesforce import checks, receivers

        checks.register_checks()
        receivers.connect()
