from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WagtailSalesforceConfig(AppConfig):
    name = "wagtail_salesforce"
    verbose_name = _("Salesforce integration")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wagtail_salesforce import checks, receivers
        from wagtail_salesforce.contacts import activity_types
        from wagtail_salesforce.replication.shortened import ACTIVITY_TYPE

        activity_types.register(ACTIVITY_TYPE, _("Shortened for Salesforce"))
        checks.register_checks()
        receivers.connect()
