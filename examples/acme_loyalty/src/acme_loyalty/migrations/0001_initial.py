from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial"), ("sales", "0001_initial")]

    initial = True

    operations = [
        ops.CreateModel(
            name="Card",
            fields=[
                ("number", fields.TextField()),
                ("number_folded", fields.TextField()),
                ("tier", fields.CharField(db_default="basic", max_length=32)),
                ("points", fields.IntField(db_default=0)),
                ("customer", fields.ForeignKeyField("sales.Customer", related_name=False, on_delete=OnDelete.RESTRICT)),
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
                "table": "loyalty_card",
                "app": "loyalty",
                "unique_together": (("number_folded",),),
                "indexes": [
                    Index(fields=["customer_id", "created_at", "id"], name="loyalty_card_a77d7bb0"),
                    Index(fields=["owner_id", "created_at", "id"], name="loyalty_card_bafa1acc"),
                    Index(fields=["department_id", "created_at", "id"], name="loyalty_card_121ab046"),
                    Index(fields=["created_at", "id"], name="loyalty_card_7adfd99f"),
                    Index(fields=["number_folded", "id"], name="loyalty_card_429cafcb"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]
