from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("core", "0002_notifications")]

    operations = [
        ops.AddField(
            model_name="User",
            name="look",
            field=fields.JSONField(null=True),
        ),
        ops.SQLOperation("UPDATE core_user SET look = '[\"light\"]' WHERE theme = 'light'", []),
        ops.SQLOperation("UPDATE core_user SET look = '[\"dark\"]' WHERE theme = 'dark'", []),
        ops.RemoveField(
            model_name="User",
            name="theme",
        ),
    ]
