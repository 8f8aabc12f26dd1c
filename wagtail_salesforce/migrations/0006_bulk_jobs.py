import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


TABLE = 'wagtail_salesforce_leadlink'


def make_writing_cheap(apps, schema_editor):
    # A row that is marked as under way needs no entry in any index where its page has room for it
    # (heap-only tuples). And nobody looks for the beginning of an external id, which Django makes
    # an index for.
    connection = schema_editor.connection
    if connection.vendor != 'postgresql':
        return
    schema_editor.execute(f'ALTER TABLE {TABLE} SET (fillfactor = 50)')
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, TABLE)
    for name, index in found.items():
        if name.endswith('_like') and index['columns'] == ['external_id']:
            schema_editor.execute(f'DROP INDEX {schema_editor.quote_name(name)}')


def make_it_dear_again(apps, schema_editor):
    if schema_editor.connection.vendor != 'postgresql':
        return
    schema_editor.execute(f'ALTER TABLE {TABLE} RESET (fillfactor)')
    link = apps.get_model('wagtail_salesforce', 'leadlink')
    field = link._meta.get_field('external_id')
    schema_editor.execute(schema_editor._create_like_index_sql(link, field))


class Migration(migrations.Migration):

    dependencies = [
        ('wagtail_salesforce', '0005_crossing'),
    ]

    operations = [
        migrations.CreateModel(
            name='BulkJob',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('org_id', models.CharField(max_length=18)),
                ('salesforce_id', models.CharField(blank=True, max_length=18)),
                ('operation', models.CharField(max_length=10)),
                ('external_id_field', models.CharField(max_length=255)),
                ('state', models.CharField(choices=[('making', 'Being made'), ('closed', 'Under way'), ('done', 'Done'), ('failed', 'Failed'), ('dropped', 'Dropped')], default='making', max_length=10)),
                ('holder', models.CharField(blank=True, max_length=64)),
                ('rows', models.PositiveIntegerField(default=0)),
                ('left', models.PositiveIntegerField(default=0)),
                ('first_link', models.PositiveBigIntegerField(default=0)),
                ('last_link', models.PositiveBigIntegerField(default=0)),
                ('doubtful_until', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('polls', models.PositiveIntegerField(default=0)),
                ('next_poll_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('error', models.CharField(blank=True, max_length=1000)),
                ('run', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='wagtail_salesforce.run')),
            ],
            options={
                'verbose_name': 'Bulk job',
                'verbose_name_plural': 'Bulk jobs',
            },
        ),
        # No row has ever been in a job, so that nothing is lost with the former column.
        migrations.RemoveField(
            model_name='leadlink',
            name='job',
        ),
        migrations.AddField(
            model_name='leadlink',
            name='job',
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='leadlink',
            name='job_version',
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='leadlink',
            name='job_fingerprint',
            field=models.CharField(blank=True, max_length=32),
        ),
        migrations.AddField(
            model_name='leadlink',
            name='job_shortened',
            field=models.TextField(blank=True),
        ),
        migrations.RunPython(make_writing_cheap, make_it_dear_again),
    ]
