from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WagtailSalesforceConfig(AppConfig):
    name = "wagtail_salesforce"
    verbose_name = _("Salesforce integration")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wagtail_salesforce import checks, receivers
        from wagtail_salesforce.admin import contacts_bulk_work
        from wagtail_salesforce.contacts import activity_types, inactive, past
        from wagtail_salesforce.contacts.importing.work import register_jobs as register_imports
        from wagtail_salesforce.replication import deleting
        from wagtail_salesforce.replication.shortened import ACTIVITY_TYPE
        from wagtail_salesforce.scoring import recalculate

        recalculate.register_jobs()
        activity_types.register(ACTIVITY_TYPE, _("Shortened for Salesforce"))
        register_imports()
        inactive.register_jobs()
        deleting.register_jobs()
        past.register_job()
        checks.register_checks()
        receivers.connect()
        contacts_bulk_work.register_jobs()
