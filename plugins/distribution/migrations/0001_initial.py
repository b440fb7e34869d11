from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial"), ("sales", "0002_orders")]

    initial = True

    operations = [
        ops.CreateModel(
            name="Body",
            fields=[
                ("name", fields.TextField()),
                ("name_folded", fields.TextField()),
                ("tier", fields.CharField(max_length=32)),
                (
                    "parent",
                    fields.ForeignKeyField(
                        "distribution.Body", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
                (
                    "staff",
                    fields.ForeignKeyField(
                        "core.Department", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
                ("address", fields.TextField(null=True)),
                ("address_folded", fields.TextField(null=True)),
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
                "table": "distribution_body",
                "app": "distribution",
                "unique_together": (("name_folded",),),
                "indexes": [
                    Index(fields=["parent_id", "name_folded", "id"], name="distribution_body_5e7ddc57"),
                    Index(fields=["staff_id", "name_folded", "id"], name="distribution_body_e6263275"),
                    Index(fields=["owner_id", "name_folded", "id"], name="distribution_body_abe54673"),
                    Index(fields=["department_id", "name_folded", "id"], name="distribution_body_81136c8a"),
                    Index(fields=["name_folded", "id"], name="distribution_body_f84dd4a3"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Place",
            fields=[
                ("name", fields.TextField()),
                ("name_folded", fields.TextField()),
                ("kind", fields.CharField(db_default="warehouse", max_length=32)),
                (
                    "body",
                    fields.ForeignKeyField(
                        "distribution.Body", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
                ("address", fields.TextField(null=True)),
                ("address_folded", fields.TextField(null=True)),
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
                "table": "distribution_place",
                "app": "distribution",
                "unique_together": (("name_folded",),),
                "indexes": [
                    Index(fields=["body_id", "name_folded", "id"], name="distribution_place_f2d11945"),
                    Index(fields=["owner_id", "name_folded", "id"], name="distribution_place_a01f1822"),
                    Index(fields=["department_id", "name_folded", "id"], name="distribution_place_1550a776"),
                    Index(fields=["name_folded", "id"], name="distribution_place_4693cb37"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Stock",
            fields=[
                ("name", fields.TextField(null=True)),
                ("name_folded", fields.TextField(null=True)),
                (
                    "place",
                    fields.ForeignKeyField("distribution.Place", related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("product", fields.ForeignKeyField("sales.Product", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("on_hand", fields.BigIntField(description="scale 3", db_default=0)),
                ("reserved", fields.BigIntField(description="scale 3", db_default=0)),
                ("available", fields.BigIntField(description="scale 3", db_default=0)),
                ("safety_stock", fields.BigIntField(description="scale 3", db_default=0)),
                ("low", fields.BooleanField(db_default=False)),
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
                "table": "distribution_stock",
                "app": "distribution",
                "unique_together": (("place_id", "product_id"),),
                "indexes": [
                    Index(fields=["place_id", "name_folded", "id"], name="distribution_stock_62afabec"),
                    Index(fields=["product_id", "name_folded", "id"], name="distribution_stock_8bab8db0"),
                    Index(fields=["owner_id", "name_folded", "id"], name="distribution_stock_75ecf7bc"),
                    Index(fields=["department_id", "name_folded", "id"], name="distribution_stock_9a89f263"),
                    Index(fields=["name_folded", "id"], name="distribution_stock_b2c2b943"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Balance",
            fields=[
                (
                    "stock",
                    fields.ForeignKeyField("distribution.Stock", related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("lot", fields.TextField(null=True)),
                ("lot_folded", fields.TextField(null=True)),
                ("expires_on", fields.DateField(null=True)),
                ("quantity", fields.BigIntField(description="scale 3", db_default=0)),
                ("expiring", fields.BooleanField(db_default=False)),
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
                "table": "distribution_balance",
                "app": "distribution",
                "indexes": [
                    Index(fields=["stock_id", "lot_folded"], name="distribution_balance_de1cfc1b"),
                    Index(fields=["stock_id", "expires_on", "id"], name="distribution_balance_a90304bb"),
                    Index(fields=["expires_on", "id"], name="distribution_balance_fe6a21ee"),
                    Index(fields=["lot_folded", "id"], name="distribution_balance_562a3342"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Supplier",
            fields=[
                ("name", fields.TextField()),
                ("name_folded", fields.TextField()),
                ("number", fields.TextField(null=True)),
                ("number_folded", fields.TextField(null=True)),
                ("contact", fields.TextField(null=True)),
                ("contact_folded", fields.TextField(null=True)),
                ("phones", fields.JSONField(db_default=[])),
                ("phones_folded", fields.TextField(db_default="")),
                ("email", fields.TextField(null=True)),
                ("email_folded", fields.TextField(null=True)),
                ("website", fields.TextField(null=True)),
                ("website_folded", fields.TextField(null=True)),
                ("address", fields.TextField(null=True)),
                ("address_folded", fields.TextField(null=True)),
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
                "table": "distribution_supplier",
                "app": "distribution",
                "unique_together": (("number_folded",),),
                "indexes": [
                    Index(fields=["owner_id", "name_folded", "id"], name="distribution_supplier_bc8bf015"),
                    Index(fields=["department_id", "name_folded", "id"], name="distribution_supplier_5253de53"),
                    Index(fields=["name_folded", "id"], name="distribution_supplier_0ebe3a01"),
                    Index(fields=["email_folded"], name="distribution_supplier_bfe92365"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Stocktake",
            fields=[
                ("number", fields.TextField(null=True)),
                ("number_folded", fields.TextField(null=True)),
                (
                    "warehouse",
                    fields.ForeignKeyField("distribution.Place", related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("state", fields.CharField(db_default="counting", max_length=32)),
                ("confirmed_at", fields.DatetimeField(null=True)),
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
                "table": "distribution_stocktake",
                "app": "distribution",
                "unique_together": (("number_folded",),),
                "indexes": [
                    Index(fields=["warehouse_id", "created_at", "id"], name="distribution_stocktake_62f0d9f4"),
                    Index(fields=["owner_id", "created_at", "id"], name="distribution_stocktake_626656fd"),
                    Index(fields=["department_id", "created_at", "id"], name="distribution_stocktake_2b299a1c"),
                    Index(fields=["created_at", "id"], name="distribution_stocktake_8d4254dc"),
                    Index(fields=["number_folded", "id"], name="distribution_stocktake_d8edfb83"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Document",
            fields=[
                ("number", fields.TextField(null=True)),
                ("number_folded", fields.TextField(null=True)),
                ("kind", fields.CharField(max_length=32)),
                ("direction", fields.CharField(null=True, max_length=32)),
                ("state", fields.CharField(db_default="draft", max_length=32)),
                (
                    "warehouse",
                    fields.ForeignKeyField("distribution.Place", related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                (
                    "to_warehouse",
                    fields.ForeignKeyField(
                        "distribution.Place", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
                (
                    "order",
                    fields.ForeignKeyField("sales.Order", null=True, related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "sales.Customer", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
                (
                    "supplier",
                    fields.ForeignKeyField(
                        "distribution.Supplier", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
                (
                    "stocktake",
                    fields.ForeignKeyField(
                        "distribution.Stocktake", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
                ("at", fields.DatetimeField(null=True)),
                ("confirmed_at", fields.DatetimeField(null=True)),
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
                "table": "distribution_document",
                "app": "distribution",
                "unique_together": (("number_folded",),),
                "indexes": [
                    Index(fields=["state", "created_at"], name="distribution_document_0220ab97"),
                    Index(fields=["direction", "created_at"], name="distribution_document_562dbefa"),
                    Index(fields=["customer_id", "at"], name="distribution_document_da09a7ab"),
                    Index(fields=["warehouse_id", "created_at", "id"], name="distribution_document_cb910ecb"),
                    Index(fields=["to_warehouse_id", "created_at", "id"], name="distribution_document_a37eab53"),
                    Index(fields=["order_id", "created_at", "id"], name="distribution_document_bcbf0b6e"),
                    Index(fields=["customer_id", "created_at", "id"], name="distribution_document_5222437f"),
                    Index(fields=["supplier_id", "created_at", "id"], name="distribution_document_8355a6c1"),
                    Index(fields=["stocktake_id", "created_at", "id"], name="distribution_document_caa06afd"),
                    Index(fields=["owner_id", "created_at", "id"], name="distribution_document_788c21b8"),
                    Index(fields=["department_id", "created_at", "id"], name="distribution_document_a34e75d3"),
                    Index(fields=["created_at", "id"], name="distribution_document_b22bacb3"),
                    Index(fields=["number_folded", "id"], name="distribution_document_7fd35b9d"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DocumentLine",
            fields=[
                (
                    "document",
                    fields.ForeignKeyField("distribution.Document", related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("product", fields.ForeignKeyField("sales.Product", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("quantity", fields.BigIntField(description="scale 3", db_default=1000)),
                ("lot", fields.TextField(null=True)),
                ("lot_folded", fields.TextField(null=True)),
                ("expires_on", fields.DateField(null=True)),
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
                "table": "distribution_document_line",
                "app": "distribution",
                "indexes": [
                    Index(fields=["document_id", "created_at", "id"], name="distribution_document_line_818e0a55"),
                    Index(fields=["product_id", "created_at", "id"], name="distribution_document_line_5744be3d"),
                    Index(fields=["created_at", "id"], name="distribution_document_line_c44c8168"),
                    Index(fields=["lot_folded", "id"], name="distribution_document_line_3a799a81"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Fulfilment",
            fields=[
                ("number", fields.TextField(null=True)),
                ("number_folded", fields.TextField(null=True)),
                ("order", fields.ForeignKeyField("sales.Order", related_name=False, on_delete=OnDelete.RESTRICT)),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "sales.Customer", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
                (
                    "body",
                    fields.ForeignKeyField(
                        "distribution.Body", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
                ("state", fields.CharField(db_default="open", max_length=32)),
                ("required_on", fields.DateField(null=True)),
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
                "table": "distribution_fulfilment",
                "app": "distribution",
                "indexes": [
                    Index(fields=["state", "required_on"], name="distribution_fulfilment_74eae16e"),
                    Index(fields=["body_id", "state"], name="distribution_fulfilment_9d236b57"),
                    Index(
                        fields=["order_id", "required_on", "number_folded", "id"],
                        name="distribution_fulfilment_e65b8fd4",
                    ),
                    Index(
                        fields=["customer_id", "required_on", "number_folded", "id"],
                        name="distribution_fulfilment_dd6d74c1",
                    ),
                    Index(
                        fields=["body_id", "required_on", "number_folded", "id"],
                        name="distribution_fulfilment_f4d71222",
                    ),
                    Index(
                        fields=["owner_id", "required_on", "number_folded", "id"],
                        name="distribution_fulfilment_c8f68a34",
                    ),
                    Index(
                        fields=["department_id", "required_on", "number_folded", "id"],
                        name="distribution_fulfilment_526588bf",
                    ),
                    Index(fields=["required_on", "number_folded", "id"], name="distribution_fulfilment_51b78130"),
                    Index(fields=["number_folded", "id"], name="distribution_fulfilment_377e8b04"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Move",
            fields=[
                (
                    "document",
                    fields.ForeignKeyField("distribution.Document", related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("source", fields.TextField()),
                ("source_folded", fields.TextField()),
                ("at", fields.DatetimeField()),
                ("product", fields.ForeignKeyField("sales.Product", related_name=False, on_delete=OnDelete.RESTRICT)),
                (
                    "from_place",
                    fields.ForeignKeyField("distribution.Place", related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                (
                    "to_place",
                    fields.ForeignKeyField("distribution.Place", related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("lot", fields.TextField(null=True)),
                ("lot_folded", fields.TextField(null=True)),
                ("expires_on", fields.DateField(null=True)),
                ("quantity", fields.BigIntField(description="scale 3")),
                (
                    "reverses",
                    fields.ForeignKeyField(
                        "distribution.Move", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
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
                "table": "distribution_move",
                "app": "distribution",
                "unique_together": (("source_folded",),),
                "indexes": [
                    Index(fields=["product_id", "at"], name="distribution_move_5473edd4"),
                    Index(fields=["from_place_id", "product_id", "at"], name="distribution_move_d7a70712"),
                    Index(fields=["to_place_id", "product_id", "at"], name="distribution_move_a14db26f"),
                    Index(
                        fields=["document_id", '"at" DESC', "source_folded", "id"], name="distribution_move_bd8942ce"
                    ),
                    Index(fields=["product_id", '"at" DESC', "source_folded", "id"], name="distribution_move_3b8a5ee5"),
                    Index(
                        fields=["from_place_id", '"at" DESC', "source_folded", "id"], name="distribution_move_b2bf8ec6"
                    ),
                    Index(
                        fields=["to_place_id", '"at" DESC', "source_folded", "id"], name="distribution_move_8c1ff2ea"
                    ),
                    Index(
                        fields=["reverses_id", '"at" DESC', "source_folded", "id"], name="distribution_move_2bf9b65f"
                    ),
                    Index(fields=['"at" DESC', "source_folded", "id"], name="distribution_move_a2c34ca8"),
                    Index(fields=["source_folded", "id"], name="distribution_move_cbc7c968"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="StockWarning",
            fields=[
                (
                    "stock",
                    fields.ForeignKeyField("distribution.Stock", related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("kind", fields.CharField(max_length=32)),
                ("lot", fields.TextField(null=True)),
                ("lot_folded", fields.TextField(null=True)),
                ("expires_on", fields.DateField(null=True)),
                ("quantity", fields.BigIntField(null=True, description="scale 3")),
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
                "table": "distribution_stock_warning",
                "app": "distribution",
                "indexes": [
                    Index(fields=["stock_id", "created_at", "id"], name="distribution_stock_warning_730ddfc7"),
                    Index(fields=["created_at", "id"], name="distribution_stock_warning_d4d83f11"),
                    Index(fields=["lot_folded", "id"], name="distribution_stock_warning_73903b56"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="StocktakeLine",
            fields=[
                (
                    "stocktake",
                    fields.ForeignKeyField("distribution.Stocktake", related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("product", fields.ForeignKeyField("sales.Product", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("lot", fields.TextField(null=True)),
                ("lot_folded", fields.TextField(null=True)),
                ("expires_on", fields.DateField(null=True)),
                ("counted", fields.BigIntField(null=True, description="scale 3")),
                ("expected", fields.BigIntField(null=True, description="scale 3")),
                ("difference", fields.BigIntField(null=True, description="scale 3")),
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
                "table": "distribution_stocktake_line",
                "app": "distribution",
                "indexes": [
                    Index(fields=["stocktake_id", "created_at", "id"], name="distribution_stocktake_line_44f87541"),
                    Index(fields=["product_id", "created_at", "id"], name="distribution_stocktake_line_654566fb"),
                    Index(fields=["created_at", "id"], name="distribution_stocktake_line_d81097ca"),
                    Index(fields=["lot_folded", "id"], name="distribution_stocktake_line_466251f0"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Supply",
            fields=[
                (
                    "supplier",
                    fields.ForeignKeyField("distribution.Supplier", related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("product", fields.ForeignKeyField("sales.Product", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("code", fields.TextField(null=True)),
                ("code_folded", fields.TextField(null=True)),
                ("price", fields.BigIntField(null=True)),
                ("price_currency", fields.CharField(null=True, max_length=3)),
                ("days", fields.IntField(null=True)),
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
                "table": "distribution_supply",
                "app": "distribution",
                "indexes": [
                    Index(fields=["supplier_id", "created_at", "id"], name="distribution_supply_e130dd99"),
                    Index(fields=["product_id", "created_at", "id"], name="distribution_supply_83dc82c5"),
                    Index(fields=["created_at", "id"], name="distribution_supply_2f6c9ca7"),
                    Index(fields=["code_folded", "id"], name="distribution_supply_7861a529"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]
