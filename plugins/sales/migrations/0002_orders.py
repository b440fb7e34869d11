from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial"), ("sales", "0001_initial")]

    operations = [
        ops.CreateModel(
            name="Order",
            fields=[
                ("number", fields.TextField(null=True)),
                ("number_folded", fields.TextField(null=True)),
                ("kind", fields.CharField(db_default="sales", max_length=32)),
                ("customer", fields.ForeignKeyField("sales.Customer", related_name=False, on_delete=OnDelete.RESTRICT)),
                (
                    "contact",
                    fields.ForeignKeyField("sales.Contact", null=True, related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                (
                    "opportunity",
                    fields.ForeignKeyField(
                        "sales.Opportunity", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
                ("placed_on", fields.DateField(null=True)),
                ("required_on", fields.DateField(null=True)),
                ("state", fields.CharField(db_default="draft", max_length=32)),
                ("total", fields.BigIntField(null=True)),
                ("total_currency", fields.CharField(null=True, max_length=3)),
                ("shipped_on", fields.DateField(null=True)),
                ("ship_to", fields.TextField(null=True)),
                ("ship_to_folded", fields.TextField(null=True)),
                ("terms", fields.TextField(null=True)),
                ("terms_folded", fields.TextField(null=True)),
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
                "table": "sales_order",
                "app": "sales",
                "unique_together": (("number_folded",),),
                "indexes": [
                    Index(fields=["customer_id", "placed_on"], name="sales_order_cf444ae7"),
                    Index(fields=["state", "placed_on"], name="sales_order_eb75a966"),
                    Index(
                        fields=[
                            "customer_id",
                            '"placed_on" DESC NULLS LAST',
                            '"number_folded" DESC NULLS LAST',
                            '"id" DESC',
                        ],
                        name="sales_order_0f7c6410",
                    ),
                    Index(
                        fields=[
                            "contact_id",
                            '"placed_on" DESC NULLS LAST',
                            '"number_folded" DESC NULLS LAST',
                            '"id" DESC',
                        ],
                        name="sales_order_bbd7f1fc",
                    ),
                    Index(
                        fields=[
                            "opportunity_id",
                            '"placed_on" DESC NULLS LAST',
                            '"number_folded" DESC NULLS LAST',
                            '"id" DESC',
                        ],
                        name="sales_order_9a155ba3",
                    ),
                    Index(
                        fields=[
                            "owner_id",
                            '"placed_on" DESC NULLS LAST',
                            '"number_folded" DESC NULLS LAST',
                            '"id" DESC',
                        ],
                        name="sales_order_b0956cba",
                    ),
                    Index(
                        fields=[
                            "department_id",
                            '"placed_on" DESC NULLS LAST',
                            '"number_folded" DESC NULLS LAST',
                            '"id" DESC',
                        ],
                        name="sales_order_deaec8db",
                    ),
                    Index(
                        fields=['"placed_on" DESC NULLS LAST', '"number_folded" DESC NULLS LAST', '"id" DESC'],
                        name="sales_order_c01b0ce2",
                    ),
                    Index(fields=["number_folded", "id"], name="sales_order_c1e9dabe"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OrderLine",
            fields=[
                ("order", fields.ForeignKeyField("sales.Order", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("product", fields.ForeignKeyField("sales.Product", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("price", fields.BigIntField(null=True)),
                ("price_currency", fields.CharField(null=True, max_length=3)),
                ("quantity", fields.BigIntField(description="scale 3", db_default=1000)),
                ("discount", fields.BigIntField(description="scale 2", db_default=0)),
                ("total", fields.BigIntField(null=True)),
                ("total_currency", fields.CharField(null=True, max_length=3)),
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
                "table": "sales_order_line",
                "app": "sales",
                "indexes": [
                    Index(fields=["order_id", "created_at", "id"], name="sales_order_line_a382aa80"),
                    Index(fields=["product_id", "created_at", "id"], name="sales_order_line_045b1bab"),
                    Index(fields=["created_at", "id"], name="sales_order_line_0fdaee2a"),
                    Index(fields=["remark_folded", "id"], name="sales_order_line_dacfa2e4"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Customer",
            name="number",
            field=fields.TextField(null=True),
        ),
        ops.AddField(
            model_name="Customer",
            name="number_folded",
            field=fields.TextField(null=True),
        ),
        ops.AddConstraint(
            model_name="Customer",
            constraint=UniqueConstraint(fields=("number_folded",), name=None),
        ),
    ]
