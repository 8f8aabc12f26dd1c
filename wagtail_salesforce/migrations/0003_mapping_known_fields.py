from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('wagtail_salesforce', '0002_contacts_and_scoring'),
    ]

    operations = [
        migrations.AddField(
            model_name='mapping',
            name='known_fields',
            field=models.JSONField(blank=True, default=dict, editable=False),
        ),
        migrations.AddField(
            model_name='replicationsettings',
            name='payload_key',
            field=models.CharField(blank=True, default='', editable=False, max_length=32),
        ),
    ]
