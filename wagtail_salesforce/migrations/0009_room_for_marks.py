from django.db import migrations


TABLE = 'wagtail_salesforce_leadlink'


def leave_room(percent):
    # A new link grows by a third when it is marked as under way in a Bulk job. With half of each
    # page left free, one in five had to move to another page, and so to be put into every index.
    def set_fillfactor(apps, schema_editor):
        if schema_editor.connection.vendor == 'postgresql':
            schema_editor.execute(f'ALTER TABLE {TABLE} SET (fillfactor = {percent})')

    return set_fillfactor


class Migration(migrations.Migration):

    dependencies = [
        ('wagtail_salesforce', '0008_cheaper_writing'),
    ]

    operations = [
        migrations.RunPython(leave_room(40), leave_room(50)),
    ]
