from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    initial = True

    operations = [
        ops.CreateModel(
            name="Customer",
            fields=[
                ("name", fields.TextField()),
                ("name_folded", fields.TextField()),
                (
                    "parent",
                    fields.ForeignKeyField(
                        "sales.Customer", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
                ("level", fields.CharField(null=True, max_length=32)),
                ("industry", fields.CharField(null=True, max_length=32)),
                ("source", fields.CharField(null=True, max_length=32)),
                ("region", fields.TextField(null=True)),
                ("region_folded", fields.TextField(null=True)),
                ("annual_turnover", fields.BigIntField(null=True)),
                ("annual_turnover_currency", fields.CharField(null=True, max_length=3)),
                ("employees", fields.IntField(null=True)),
                ("founded", fields.IntField(null=True)),
                ("address", fields.TextField(null=True)),
                ("address_folded", fields.TextField(null=True)),
                ("position_latitude", fields.BigIntField(null=True)),
                ("position_longitude", fields.BigIntField(null=True)),
                ("website", fields.TextField(null=True)),
                ("website_folded", fields.TextField(null=True)),
                ("phones", fields.JSONField(db_default=[])),
                ("phones_folded", fields.TextField(db_default="")),
                ("email", fields.TextField(null=True)),
                ("email_folded", fields.TextField(null=True)),
                ("tags", fields.JSONField(db_default=[])),
                ("tags_folded", fields.TextField(db_default="")),
                ("next_contact", fields.DatetimeField(null=True)),
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
                "table": "sales_customer",
                "app": "sales",
                "indexes": [
                    Index(fields=["industry", "name_folded"], name="sales_customer_18f5a7d4"),
                    Index(fields=["level", "name_folded"], name="sales_customer_41cc32a9"),
                    Index(fields=["parent_id", "name_folded", "id"], name="sales_customer_87c4b4f8"),
                    Index(fields=["owner_id", "name_folded", "id"], name="sales_customer_f3acd2b1"),
                    Index(fields=["department_id", "name_folded", "id"], name="sales_customer_732a3463"),
                    Index(fields=["name_folded", "id"], name="sales_customer_3a57ae7c"),
                    Index(fields=["email_folded"], name="sales_customer_b3a8fb5e"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Contact",
            fields=[
                ("name", fields.TextField()),
                ("name_folded", fields.TextField()),
                ("customer", fields.ForeignKeyField("sales.Customer", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("post", fields.TextField(null=True)),
                ("post_folded", fields.TextField(null=True)),
                ("decision_role", fields.CharField(null=True, max_length=32)),
                ("phones", fields.JSONField(db_default=[])),
                ("phones_folded", fields.TextField(db_default="")),
                ("emails", fields.JSONField(db_default=[])),
                ("emails_folded", fields.TextField(db_default="")),
                ("birthday", fields.DateField(null=True)),
                ("next_contact", fields.DatetimeField(null=True)),
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
                "table": "sales_contact",
                "app": "sales",
                "indexes": [
                    Index(fields=["customer_id", "name_folded", "id"], name="sales_contact_1bdc6be4"),
                    Index(fields=["owner_id", "name_folded", "id"], name="sales_contact_0e9b7827"),
                    Index(fields=["department_id", "name_folded", "id"], name="sales_contact_750a3573"),
                    Index(fields=["name_folded", "id"], name="sales_contact_6200d45e"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Pipeline",
            fields=[
                ("name", fields.TextField()),
                ("name_folded", fields.TextField()),
                ("description", fields.TextField(null=True)),
                ("description_folded", fields.TextField(null=True)),
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
                "table": "sales_pipeline",
                "app": "sales",
                "unique_together": (("name_folded",),),
                "indexes": [
                    Index(fields=["owner_id", "name_folded", "id"], name="sales_pipeline_f4fee4f6"),
                    Index(fields=["department_id", "name_folded", "id"], name="sales_pipeline_de6fa20d"),
                    Index(fields=["name_folded", "id"], name="sales_pipeline_757dc907"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Stage",
            fields=[
                ("pipeline", fields.ForeignKeyField("sales.Pipeline", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("name", fields.TextField()),
                ("name_folded", fields.TextField()),
                ("kind", fields.CharField(db_default="open", max_length=32)),
                ("win_rate", fields.IntField(db_default=0)),
                ("place", fields.IntField(db_default=0)),
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
                "table": "sales_stage",
                "app": "sales",
                "unique_together": (("pipeline_id", "name_folded"),),
                "indexes": [Index(fields=["name_folded", "id"], name="sales_stage_60eb4513")],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Opportunity",
            fields=[
                ("name", fields.TextField()),
                ("name_folded", fields.TextField()),
                ("number", fields.TextField(null=True)),
                ("number_folded", fields.TextField(null=True)),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "sales.Customer", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
                (
                    "contact",
                    fields.ForeignKeyField("sales.Contact", null=True, related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("pipeline", fields.ForeignKeyField("sales.Pipeline", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("stage", fields.ForeignKeyField("sales.Stage", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("amount", fields.BigIntField(null=True)),
                ("amount_currency", fields.CharField(null=True, max_length=3)),
                ("source", fields.CharField(null=True, max_length=32)),
                ("expected_close", fields.DateField(null=True)),
                ("engaged_on", fields.DateField(null=True)),
                ("closed_on", fields.DateField(null=True)),
                ("reason", fields.CharField(null=True, max_length=32)),
                ("reason_remark", fields.TextField(null=True)),
                ("reason_remark_folded", fields.TextField(null=True)),
                ("next_contact", fields.DatetimeField(null=True)),
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
                "table": "sales_opportunity",
                "app": "sales",
                "unique_together": (("number_folded",),),
                "indexes": [
                    Index(fields=["pipeline_id", "stage_id"], name="sales_opportunity_437fd1c6"),
                    Index(fields=["stage_id", "closed_on"], name="sales_opportunity_1ee73e78"),
                    Index(fields=["stage_id", "expected_close"], name="sales_opportunity_f50ac6b0"),
                    Index(fields=["customer_id", "created_at", "id"], name="sales_opportunity_ad7ebf8c"),
                    Index(fields=["contact_id", "created_at", "id"], name="sales_opportunity_23ab8f35"),
                    Index(fields=["pipeline_id", "created_at", "id"], name="sales_opportunity_ef26b5d3"),
                    Index(fields=["stage_id", "created_at", "id"], name="sales_opportunity_39cd1008"),
                    Index(fields=["owner_id", "created_at", "id"], name="sales_opportunity_1a9258d8"),
                    Index(fields=["department_id", "created_at", "id"], name="sales_opportunity_8b353d7e"),
                    Index(fields=["created_at", "id"], name="sales_opportunity_1d73038a"),
                    Index(fields=["name_folded", "id"], name="sales_opportunity_ad5036e2"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Lead",
            fields=[
                ("company", fields.TextField()),
                ("company_folded", fields.TextField()),
                ("person", fields.TextField(null=True)),
                ("person_folded", fields.TextField(null=True)),
                ("post", fields.TextField(null=True)),
                ("post_folded", fields.TextField(null=True)),
                ("phones", fields.JSONField(db_default=[])),
                ("phones_folded", fields.TextField(db_default="")),
                ("email", fields.TextField(null=True)),
                ("email_folded", fields.TextField(null=True)),
                ("address", fields.TextField(null=True)),
                ("address_folded", fields.TextField(null=True)),
                ("source", fields.CharField(null=True, max_length=32)),
                ("status", fields.CharField(db_default="new", max_length=32)),
                ("industry", fields.CharField(null=True, max_length=32)),
                ("level", fields.CharField(null=True, max_length=32)),
                ("next_contact", fields.DatetimeField(null=True)),
                ("remark", fields.TextField(null=True)),
                ("remark_folded", fields.TextField(null=True)),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "sales.Customer", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
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
                ("converted_at", fields.DatetimeField(null=True)),
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
                "table": "sales_lead",
                "app": "sales",
                "indexes": [
                    Index(fields=["status", "created_at"], name="sales_lead_7b9da71c"),
                    Index(fields=["customer_id", "created_at", "id"], name="sales_lead_e5a39c0a"),
                    Index(fields=["contact_id", "created_at", "id"], name="sales_lead_fdb50e24"),
                    Index(fields=["opportunity_id", "created_at", "id"], name="sales_lead_25a9abaf"),
                    Index(fields=["owner_id", "created_at", "id"], name="sales_lead_f8ba429a"),
                    Index(fields=["department_id", "created_at", "id"], name="sales_lead_1d669d91"),
                    Index(fields=["created_at", "id"], name="sales_lead_d19753c3"),
                    Index(fields=["company_folded", "id"], name="sales_lead_f432ee4b"),
                    Index(fields=["person_folded"], name="sales_lead_2bfe6d58"),
                    Index(fields=["email_folded"], name="sales_lead_640d6ce5"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="FollowUp",
            fields=[
                ("subject", fields.TextField()),
                ("subject_folded", fields.TextField()),
                ("method", fields.CharField(db_default="phone", max_length=32)),
                ("at", fields.DatetimeField(null=True)),
                ("note", fields.TextField(null=True)),
                ("note_folded", fields.TextField(null=True)),
                ("next_contact", fields.DatetimeField(null=True)),
                (
                    "lead",
                    fields.ForeignKeyField("sales.Lead", null=True, related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "sales.Customer", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
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
                "table": "sales_follow_up",
                "app": "sales",
                "indexes": [
                    Index(fields=["customer_id", "at"], name="sales_follow_up_3f9c6f79"),
                    Index(fields=["opportunity_id", "at"], name="sales_follow_up_845a9eaf"),
                    Index(fields=["lead_id", "at"], name="sales_follow_up_7f96c883"),
                    Index(fields=["lead_id", '"at" DESC NULLS LAST', '"id" DESC'], name="sales_follow_up_89c5f11b"),
                    Index(fields=["customer_id", '"at" DESC NULLS LAST', '"id" DESC'], name="sales_follow_up_e3654428"),
                    Index(fields=["contact_id", '"at" DESC NULLS LAST', '"id" DESC'], name="sales_follow_up_792dda38"),
                    Index(
                        fields=["opportunity_id", '"at" DESC NULLS LAST', '"id" DESC'], name="sales_follow_up_9f6648fe"
                    ),
                    Index(fields=["owner_id", '"at" DESC NULLS LAST', '"id" DESC'], name="sales_follow_up_02daeda3"),
                    Index(
                        fields=["department_id", '"at" DESC NULLS LAST', '"id" DESC'], name="sales_follow_up_a3a06299"
                    ),
                    Index(fields=['"at" DESC NULLS LAST', '"id" DESC'], name="sales_follow_up_f51de19c"),
                    Index(fields=["subject_folded", "id"], name="sales_follow_up_23e45873"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Product",
            fields=[
                ("code", fields.TextField()),
                ("code_folded", fields.TextField()),
                ("name", fields.TextField()),
                ("name_folded", fields.TextField()),
                ("category", fields.TextField(null=True)),
                ("category_folded", fields.TextField(null=True)),
                ("unit", fields.TextField(db_default="piece")),
                ("unit_folded", fields.TextField(db_default="piece")),
                ("price", fields.BigIntField(null=True)),
                ("price_currency", fields.CharField(null=True, max_length=3)),
                ("on_shelf", fields.BooleanField(db_default=True)),
                ("description", fields.TextField(null=True)),
                ("description_folded", fields.TextField(null=True)),
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
                "table": "sales_product",
                "app": "sales",
                "unique_together": (("code_folded",),),
                "indexes": [
                    Index(fields=["category_folded", "name_folded"], name="sales_product_77f2d6ca"),
                    Index(fields=["owner_id", "name_folded", "id"], name="sales_product_5eb7246e"),
                    Index(fields=["department_id", "name_folded", "id"], name="sales_product_043b0206"),
                    Index(fields=["name_folded", "id"], name="sales_product_d7f715e4"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OpportunityLine",
            fields=[
                (
                    "opportunity",
                    fields.ForeignKeyField("sales.Opportunity", related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("product", fields.ForeignKeyField("sales.Product", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("price", fields.BigIntField(null=True)),
                ("price_currency", fields.CharField(null=True, max_length=3)),
                ("quantity", fields.BigIntField(description="scale 3", db_default=1000)),
                ("discount", fields.BigIntField(description="scale 2", db_default=0)),
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
                "table": "sales_opportunity_line",
                "app": "sales",
                "indexes": [
                    Index(fields=["opportunity_id", "created_at", "id"], name="sales_opportunity_line_8904e6fe"),
                    Index(fields=["product_id", "created_at", "id"], name="sales_opportunity_line_204ead0b"),
                    Index(fields=["created_at", "id"], name="sales_opportunity_line_abf0e3f9"),
                    Index(fields=["remark_folded", "id"], name="sales_opportunity_line_8f1700f8"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PriceChange",
            fields=[
                ("product", fields.ForeignKeyField("sales.Product", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("price", fields.BigIntField(null=True)),
                ("price_currency", fields.CharField(null=True, max_length=3)),
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
                "table": "sales_price_change",
                "app": "sales",
                "indexes": [
                    Index(fields=["product_id", "created_at", "id"], name="sales_price_change_b4c4bc51"),
                    Index(fields=["created_at", "id"], name="sales_price_change_70e6a49c"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="StageChange",
            fields=[
                (
                    "opportunity",
                    fields.ForeignKeyField("sales.Opportunity", related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                (
                    "from_stage",
                    fields.ForeignKeyField("sales.Stage", null=True, related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("to_stage", fields.ForeignKeyField("sales.Stage", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("reason", fields.CharField(null=True, max_length=32)),
                ("days", fields.BigIntField(null=True, description="scale 1")),
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
                "table": "sales_stage_change",
                "app": "sales",
                "indexes": [
                    Index(fields=["opportunity_id", "created_at", "id"], name="sales_stage_change_fc25c7c8"),
                    Index(fields=["from_stage_id", "created_at", "id"], name="sales_stage_change_0ccf1b96"),
                    Index(fields=["to_stage_id", "created_at", "id"], name="sales_stage_change_dff1aa4f"),
                    Index(fields=["created_at", "id"], name="sales_stage_change_4191ba45"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]
