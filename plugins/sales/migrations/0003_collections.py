from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial"), ("sales", "0002_orders")]

    operations = [
        ops.CreateModel(
            name="Collection",
            fields=[
                ("order", fields.ForeignKeyField("sales.Order", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("amount", fields.BigIntField(null=True)),
                ("amount_currency", fields.CharField(null=True, max_length=3)),
                ("due_on", fields.DateField(null=True)),
                ("received_on", fields.DateField(null=True)),
                ("method", fields.CharField(null=True, max_length=32)),
                ("remark", fields.TextField(null=True)),
                ("remark_folded", fields.TextField(null=True)),
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
                "table": "sales_collection",
                "app": "sales",
                "indexes": [
                    Index(fields=["received_on"], name="sales_collection_2badc576"),
                    Index(fields=["order_id", "due_on", "created_at", "id"], name="sales_collection_a114ed2c"),
                    Index(fields=["due_on", "created_at", "id"], name="sales_collection_293a0332"),
                    Index(fields=["remark_folded", "id"], name="sales_collection_a3553ca2"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Order",
            name="collected",
            field=fields.BigIntField(null=True),
        ),
        ops.AddField(
            model_name="Order",
            name="collected_currency",
            field=fields.CharField(null=True, max_length=3),
        ),
    ]
