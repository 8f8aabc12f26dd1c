import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('wagtail_salesforce', '0007_incident_unique'),
    ]

    operations = [
        migrations.AddField(
            model_name='run',
            name='postponed',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.RemoveIndex(
            model_name='leadlink',
            name='ws_link_due_at',
        ),
        # First, as MySQL wants an index for the foreign key at any time.
        migrations.AddIndex(
            model_name='leadlink',
            index=models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['merged_into'], name='ws_link_merged'),
        ),
        migrations.AlterField(
            model_name='leadlink',
            name='merged_into',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='wagtail_salesforce.contact'),
        ),
        migrations.AlterField(
            model_name='leadlink',
            name='run',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='wagtail_salesforce.run'),
        ),
        migrations.AddIndex(
            model_name='leadlink',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='ws_link_due_at'),
        ),
    ]
