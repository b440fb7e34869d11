from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        ops.CreateModel(
            name="Muting",
            fields=[
                ("user", fields.ForeignKeyField("core.User", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("kind", fields.TextField()),
                ("kind_folded", fields.TextField()),
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
            options={"table": "core_muting", "app": "core", "unique_together": (("user_id", "kind"),), "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Notification",
            fields=[
                ("user", fields.ForeignKeyField("core.User", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("kind", fields.TextField()),
                ("kind_folded", fields.TextField()),
                ("model", fields.TextField()),
                ("model_folded", fields.TextField()),
                ("record", fields.TextField()),
                ("record_folded", fields.TextField()),
                ("by", fields.ForeignKeyField("core.User", null=True, related_name=False, on_delete=OnDelete.RESTRICT)),
                ("content", fields.JSONField(null=True)),
                ("read_at", fields.DatetimeField(null=True)),
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
                "table": "core_notification",
                "app": "core",
                "indexes": [
                    Index(fields=["user_id", "created_at"], name="core_notification_cacad1c6"),
                    Index(fields=["by_id"], name="core_notification_944440fc"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]
