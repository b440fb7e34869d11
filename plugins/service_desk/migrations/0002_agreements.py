from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial"), ("sales", "0001_initial"), ("service_desk", "0001_initial")]

    operations = [
        ops.CreateModel(
            name="Agreement",
            fields=[
                ("name", fields.TextField()),
                ("name_folded", fields.TextField()),
                ("number", fields.TextField(null=True)),
                ("number_folded", fields.TextField(null=True)),
                ("customer", fields.ForeignKeyField("sales.Customer", related_name=False, on_delete=OnDelete.RESTRICT)),
                (
                    "product",
                    fields.ForeignKeyField("sales.Product", null=True, related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("starts_on", fields.DateField()),
                ("ends_on", fields.DateField(null=True)),
                ("services", fields.TextField(null=True)),
                ("services_folded", fields.TextField(null=True)),
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
                "table": "service_desk_agreement",
                "app": "service_desk",
                "unique_together": (("number_folded",),),
                "indexes": [
                    Index(fields=["customer_id", "ends_on"], name="service_desk_agreement_a83968c1"),
                    Index(fields=["ends_on"], name="service_desk_agreement_bc7364ef"),
                    Index(fields=["customer_id", "starts_on", "id"], name="service_desk_agreement_3b944181"),
                    Index(fields=["product_id", "starts_on", "id"], name="service_desk_agreement_de098cf3"),
                    Index(fields=["owner_id", "starts_on", "id"], name="service_desk_agreement_4cf150a0"),
                    Index(fields=["department_id", "starts_on", "id"], name="service_desk_agreement_25581d6a"),
                    Index(fields=["starts_on", "id"], name="service_desk_agreement_2cb909cb"),
                    Index(fields=["name_folded", "id"], name="service_desk_agreement_74555867"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Replacement",
            fields=[
                (
                    "ticket",
                    fields.ForeignKeyField("service_desk.Ticket", related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("part", fields.ForeignKeyField("sales.Product", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("quantity", fields.BigIntField(description="scale 3", db_default=1000)),
                ("serial", fields.TextField(null=True)),
                ("serial_folded", fields.TextField(null=True)),
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
                "table": "service_desk_replacement",
                "app": "service_desk",
                "indexes": [
                    Index(fields=["ticket_id", "created_at", "id"], name="service_desk_replacement_1d95ad27"),
                    Index(fields=["part_id", "created_at", "id"], name="service_desk_replacement_c3d3770a"),
                    Index(fields=["created_at", "id"], name="service_desk_replacement_4186dc4e"),
                    Index(fields=["serial_folded", "id"], name="service_desk_replacement_b68ea3c8"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.AlterField(
            model_name="InternalNote",
            name="text",
            field=fields.TextField(null=True),
        ),
        ops.AlterField(
            model_name="InternalNote",
            name="text_folded",
            field=fields.TextField(null=True),
        ),
        ops.AddField(
            model_name="InternalNote",
            name="warning",
            field=fields.CharField(null=True, max_length=32),
        ),
        ops.AddField(
            model_name="Ticket",
            name="agreement",
            field=fields.ForeignKeyField(
                "service_desk.Agreement", null=True, related_name=False, on_delete=OnDelete.RESTRICT
            ),
        ),
        ops.AddIndex(
            model_name="Ticket",
            index=Index(fields=["agreement_id", "created_at", "id"], name="service_desk_ticket_89f243ff"),
        ),
    ]
