import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('invitations', '0003_tracking'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='batch',
            options={
                'ordering': ['-created_at', 'id'],
                'permissions': [('see_members', 'Can see which of the addresses to invite have an account')],
                'verbose_name_plural': 'batches',
            },
        ),
        migrations.CreateModel(
            name='Resend',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('sender', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [
                    models.Index(fields=['sender', '-created_at'], name='resends_of_sender'),
                    models.Index(fields=['email', '-created_at'], name='resends_to_recipient'),
                    models.Index(fields=['-created_at'], name='resends_by_time'),
                ],
            },
        ),
    ]
