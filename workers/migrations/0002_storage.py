from django.db import migrations

# A queue's table lives by its dead rows being taken away early: at the default of 20 % the claim would wade through
# them. The free room on each page lets an update stay on its page.
TABLE_OPTIONS = """
ALTER TABLE workers_job SET (
    fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.02
)
"""
DEFAULTS = "ALTER TABLE workers_job RESET (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor)"


def on_postgresql(sql):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql)

    return run


class Migration(migrations.Migration):
    dependencies = [("workers", "0001_initial")]

    operations = [migrations.RunPython(on_postgresql(TABLE_OPTIONS), on_postgresql(DEFAULTS))]
