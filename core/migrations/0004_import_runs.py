from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("core", "0003_look")]

    operations = [
        ops.CreateModel(
            name="ImportRun",
            fields=[
                ("model", fields.TextField()),
                ("model_folded", fields.TextField()),
                ("file", fields.TextField()),
                ("file_folded", fields.TextField()),
                ("rows", fields.IntField()),
                ("created", fields.IntField()),
                ("updated", fields.IntField()),
                ("unchanged", fields.IntField()),
                ("refused", fields.IntField()),
                ("first_entry", fields.IntField()),
                ("last_entry", fields.IntField()),
                ("undone_at", fields.DatetimeField(null=True)),
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
                "table": "core_import_run",
                "app": "core",
                "indexes": [Index(fields=["model", "created_at"], name="core_import_run_05cd9574")],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]
