from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("core", "0002_notifications")]

    operations = [
        ops.AddField(
            model_name="User",
            name="contrast",
            field=fields.CharField(db_default="auto", max_length=32),
        ),
        ops.AddField(
            model_name="User",
            name="density",
            field=fields.CharField(db_default="comfortable", max_length=32),
        ),
    ]
