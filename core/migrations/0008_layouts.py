from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("core", "0007_tokens")]

    operations = [
        ops.CreateModel(
            name="Layout",
            fields=[
                ("object", fields.TextField()),
                ("object_folded", fields.TextField()),
                ("business_type", fields.TextField()),
                ("business_type_folded", fields.TextField()),
                ("type_field", fields.TextField(null=True)),
                ("type_field_folded", fields.TextField(null=True)),
                ("sections", fields.TextField(null=True)),
                ("sections_folded", fields.TextField(null=True)),
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
                "table": "core_layout",
                "app": "core",
                "unique_together": (("object_folded", "business_type_folded"),),
                "indexes": [
                    Index(
                        fields=["owner_id", "object_folded", "business_type_folded", "id"], name="core_layout_ffda01f0"
                    ),
                    Index(
                        fields=["department_id", "object_folded", "business_type_folded", "id"],
                        name="core_layout_b3d86a13",
                    ),
                    Index(fields=["object_folded", "business_type_folded", "id"], name="core_layout_1751bab7"),
                    Index(fields=["business_type_folded", "id"], name="core_layout_f3c10da9"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]
