import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('wagtail_salesforce', '0004_incident'),
    ]

    operations = [
        migrations.CreateModel(
            name='Crossing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('contact_id', models.BigIntegerField()),
                ('score', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='wagtail_salesforce.score')),
            ],
        ),
    ]
