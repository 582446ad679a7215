from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('invitations', '0002_complete'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='invitation',
            index=models.Index(condition=models.Q(('message_id', ''), _negated=True), fields=['message_id'], name='invitations_by_mail'),
        ),
    ]
