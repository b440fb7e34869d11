from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("core", "0006_custom_fields")]

    operations = [
        ops.AddField(
            model_name="Token",
            name="prefix",
            field=fields.TextField(null=True),
        ),
        ops.AddField(
            model_name="Token",
            name="prefix_folded",
            field=fields.TextField(null=True),
        ),
        ops.AddField(
            model_name="Token",
            name="scopes",
            field=fields.JSONField(null=True),
        ),
    ]
