from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("core", "0005_import_mappings")]

    operations = [
        ops.CreateModel(
            name="CustomField",
            fields=[
                ("object", fields.TextField()),
                ("object_folded", fields.TextField()),
                ("label", fields.TextField()),
                ("label_folded", fields.TextField()),
                ("label_zh_hans", fields.TextField(null=True)),
                ("label_zh_hans_folded", fields.TextField(null=True)),
                ("label_ko", fields.TextField(null=True)),
                ("label_ko_folded", fields.TextField(null=True)),
                ("name", fields.TextField(null=True)),
                ("name_folded", fields.TextField(null=True)),
                ("kind", fields.CharField(max_length=32)),
                ("help", fields.TextField(null=True)),
                ("help_folded", fields.TextField(null=True)),
                ("required", fields.BooleanField(db_default=False)),
                ("search", fields.BooleanField(db_default=False)),
                ("choices", fields.TextField(null=True)),
                ("choices_folded", fields.TextField(null=True)),
                ("length", fields.IntField(null=True)),
                ("scale", fields.IntField(null=True)),
                ("target", fields.TextField(null=True)),
                ("target_folded", fields.TextField(null=True)),
                ("section", fields.TextField(null=True)),
                ("section_folded", fields.TextField(null=True)),
                ("place", fields.IntField(null=True)),
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
                "table": "core_custom_field",
                "app": "core",
                "unique_together": (("object_folded", "name_folded"),),
                "indexes": [
                    Index(fields=["owner_id", "object_folded", "place", "id"], name="core_custom_field_dbf419a1"),
                    Index(fields=["department_id", "object_folded", "place", "id"], name="core_custom_field_bb643fd0"),
                    Index(fields=["object_folded", "place", "id"], name="core_custom_field_03eb3440"),
                    Index(fields=["label_folded", "id"], name="core_custom_field_e0a5485f"),
                    Index(fields=["name_folded"], name="core_custom_field_8f5e0019"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]
