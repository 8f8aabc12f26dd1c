from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('wagtail_salesforce', '0009_room_for_marks'),
    ]

    operations = [
        migrations.AddField(
            model_name='lease',
            name='doubtful_until',
            field=models.DateTimeField(null=True),
        ),
    ]
