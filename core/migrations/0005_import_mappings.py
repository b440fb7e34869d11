from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("core", "0004_import_runs")]

    operations = [
        ops.AddField(
            model_name="ImportRun",
            name="headings",
            field=fields.TextField(null=True),
        ),
        ops.AddField(
            model_name="ImportRun",
            name="headings_folded",
            field=fields.TextField(null=True),
        ),
        ops.AddField(
            model_name="ImportRun",
            name="mapping",
            field=fields.JSONField(null=True),
        ),
    ]
