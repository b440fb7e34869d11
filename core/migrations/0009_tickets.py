from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("core", "0008_layouts")]

    operations = [
        ops.CreateModel(
            name="Ticket",
            fields=[
                ("user", fields.ForeignKeyField("core.User", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("purpose", fields.TextField()),
                ("purpose_folded", fields.TextField()),
                ("digest", fields.TextField(null=True)),
                ("bound", fields.TextField(null=True)),
                ("expires_at", fields.DatetimeField()),
                ("used_at", fields.DatetimeField(null=True)),
                ("id", fields.UUIDField(primary_key=True)),
                (
                    "owner",
                    fields.ForeignKeyField("core.User", null=True, related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                (
                    "department",
                    fields.ForeignKeyField(
                        "core.Department", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
                ("created_at", fields.DatetimeField()),
                (
                    "created_by",
                    fields.ForeignKeyField("core.User", null=True, related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("updated_at", fields.DatetimeField()),
                (
                    "updated_by",
                    fields.ForeignKeyField("core.User", null=True, related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("version", fields.IntField(db_default=1)),
                ("archived_at", fields.DatetimeField(null=True)),
                ("custom", fields.JSONField(null=True)),
            ],
            options={
                "table": "core_ticket",
                "app": "core",
                "indexes": [
                    Index(fields=["digest"], name="core_ticket_3e570b09"),
                    Index(fields=["user_id"], name="core_ticket_7d1893bd"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]
