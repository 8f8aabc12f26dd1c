from django.db import migrations, models
from django.db.models import F
from django.utils import timezone


def one_of_each_reason(apps, schema_editor):
    """Of several open incidents of one reason the first goes on; the others end."""
    incidents = apps.get_model("wagtail_salesforce", "Incident").objects.using(
        schema_editor.connection.alias
    )
    first = {}
    for pk, reason in incidents.filter(ended_at=None).order_by("pk").values_list("pk", "reason"):
        first.setdefault(reason, pk)
    open_ones = incidents.filter(ended_at=None)
    open_ones.exclude(pk__in=first.values()).update(ended_at=timezone.now())
    open_ones.update(open_reason=F("reason"))


class Migration(migrations.Migration):
    dependencies = [
        ("wagtail_salesforce", "0006_bulk_jobs"),
    ]

    operations = [
        migrations.AddField(
            model_name="incident",
            name="open_reason",
            field=models.CharField(editable=False, max_length=50, null=True, unique=True),
        ),
        migrations.AlterField(
            model_name="leadlink",
            name="excluded_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("by_hand", "Excluded by an editor"),
                    ("converted", "The lead was converted"),
                    ("deleted", "The lead was deleted"),
                    ("merged", "The lead was merged into another"),
                    ("second", "A second lead: its contact was merged into another contact"),
                    ("by_site", "Excluded by this site's own rules"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(fields=["started_at"], name="ws_run_started"),
        ),
        migrations.RunPython(one_of_each_reason, migrations.RunPython.noop, elidable=True),
    ]
