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
            name="Segment",
            fields=[
                ("name", fields.TextField()),
                ("name_folded", fields.TextField()),
                ("description", fields.TextField(null=True)),
                ("description_folded", fields.TextField(null=True)),
                ("conditions", fields.JSONField(null=True)),
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
                "table": "marketing_segment",
                "app": "marketing",
                "unique_together": (("name_folded",),),
                "indexes": [
                    Index(fields=["owner_id", "name_folded", "id"], name="marketing_segment_6dcf9de9"),
                    Index(fields=["department_id", "name_folded", "id"], name="marketing_segment_6d39b19e"),
                    Index(fields=["name_folded", "id"], name="marketing_segment_7e145676"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Campaign",
            fields=[
                ("name", fields.TextField()),
                ("name_folded", fields.TextField()),
                ("kind", fields.CharField(db_default="email", max_length=32)),
                ("stage", fields.CharField(db_default="idea", max_length=32)),
                (
                    "segment",
                    fields.ForeignKeyField(
                        "marketing.Segment", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
                ("starts_on", fields.DateField(null=True)),
                ("ends_on", fields.DateField(null=True)),
                ("budget", fields.BigIntField(null=True)),
                ("budget_currency", fields.CharField(null=True, max_length=3)),
                ("cost", fields.BigIntField(null=True)),
                ("cost_currency", fields.CharField(null=True, max_length=3)),
                ("plan", fields.TextField(null=True)),
                ("plan_folded", fields.TextField(null=True)),
                ("evaluation", fields.TextField(null=True)),
                ("evaluation_folded", fields.TextField(null=True)),
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
                "table": "marketing_campaign",
                "app": "marketing",
                "indexes": [
                    Index(fields=["stage", "starts_on"], name="marketing_campaign_4dd554e1"),
                    Index(
                        fields=["segment_id", '"starts_on" DESC NULLS LAST', "name_folded", "id"],
                        name="marketing_campaign_2425a2a8",
                    ),
                    Index(
                        fields=["owner_id", '"starts_on" DESC NULLS LAST', "name_folded", "id"],
                        name="marketing_campaign_020003b3",
                    ),
                    Index(
                        fields=["department_id", '"starts_on" DESC NULLS LAST', "name_folded", "id"],
                        name="marketing_campaign_9737ccc2",
                    ),
                    Index(
                        fields=['"starts_on" DESC NULLS LAST', "name_folded", "id"], name="marketing_campaign_8a0c51df"
                    ),
                    Index(fields=["name_folded", "id"], name="marketing_campaign_8c4df614"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Form",
            fields=[
                ("name", fields.TextField()),
                ("name_folded", fields.TextField()),
                ("address", fields.TextField()),
                ("address_folded", fields.TextField()),
                ("introduction", fields.TextField(null=True)),
                ("introduction_folded", fields.TextField(null=True)),
                ("thanks", fields.TextField(db_default="Thank you. We will get in touch.")),
                ("thanks_folded", fields.TextField(db_default="thank you. we will get in touch.")),
                (
                    "campaign",
                    fields.ForeignKeyField(
                        "marketing.Campaign", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
                ("source", fields.CharField(db_default="website", max_length=32)),
                ("active", fields.BooleanField(db_default=True)),
                ("asks_phone", fields.BooleanField(db_default=True)),
                ("asks_post", fields.BooleanField(db_default=False)),
                ("asks_address", fields.BooleanField(db_default=False)),
                ("asks_message", fields.BooleanField(db_default=True)),
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
                "table": "marketing_form",
                "app": "marketing",
                "unique_together": (("address_folded",),),
                "indexes": [
                    Index(fields=["campaign_id", "name_folded", "id"], name="marketing_form_76ec6c7a"),
                    Index(fields=["owner_id", "name_folded", "id"], name="marketing_form_50c4ec7c"),
                    Index(fields=["department_id", "name_folded", "id"], name="marketing_form_b6ac1f1c"),
                    Index(fields=["name_folded", "id"], name="marketing_form_614dbb72"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Enquiry",
            fields=[
                ("summary", fields.TextField()),
                ("summary_folded", fields.TextField()),
                (
                    "form",
                    fields.ForeignKeyField(
                        "marketing.Form", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
                (
                    "campaign",
                    fields.ForeignKeyField(
                        "marketing.Campaign", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
                (
                    "lead",
                    fields.ForeignKeyField("sales.Lead", null=True, related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("answers", fields.TextField(null=True)),
                ("answers_folded", fields.TextField(null=True)),
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
                "table": "marketing_enquiry",
                "app": "marketing",
                "indexes": [
                    Index(fields=["form_id", "created_at", "id"], name="marketing_enquiry_2309eb39"),
                    Index(fields=["campaign_id", "created_at", "id"], name="marketing_enquiry_ba34d46d"),
                    Index(fields=["lead_id", "created_at", "id"], name="marketing_enquiry_b6b1ce95"),
                    Index(fields=["owner_id", "created_at", "id"], name="marketing_enquiry_86cc0316"),
                    Index(fields=["department_id", "created_at", "id"], name="marketing_enquiry_34ced7c5"),
                    Index(fields=["created_at", "id"], name="marketing_enquiry_94d7272a"),
                    Index(fields=["summary_folded", "id"], name="marketing_enquiry_d516ef28"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="FormQuestion",
            fields=[
                ("form", fields.ForeignKeyField("marketing.Form", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("question", fields.TextField()),
                ("question_folded", fields.TextField()),
                ("required", fields.BooleanField(db_default=False)),
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
                "table": "marketing_form_question",
                "app": "marketing",
                "indexes": [
                    Index(fields=["form_id", "place", "created_at", "id"], name="marketing_form_question_90085509"),
                    Index(fields=["place", "created_at", "id"], name="marketing_form_question_bb076941"),
                    Index(fields=["question_folded", "id"], name="marketing_form_question_0ccb339f"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Mailing",
            fields=[
                ("subject", fields.TextField()),
                ("subject_folded", fields.TextField()),
                ("state", fields.CharField(db_default="draft", max_length=32)),
                (
                    "segment",
                    fields.ForeignKeyField("marketing.Segment", related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("audience", fields.CharField(db_default="customers", max_length=32)),
                (
                    "campaign",
                    fields.ForeignKeyField(
                        "marketing.Campaign", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
                ("body", fields.TextField()),
                ("body_folded", fields.TextField()),
                ("html", fields.TextField(null=True)),
                ("html_folded", fields.TextField(null=True)),
                ("per_minute", fields.IntField(db_default=600)),
                (
                    "sender",
                    fields.ForeignKeyField("core.User", null=True, related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("starts_at", fields.DatetimeField(null=True)),
                ("finished_at", fields.DatetimeField(null=True)),
                ("problem", fields.TextField(null=True)),
                ("problem_folded", fields.TextField(null=True)),
                ("reached", fields.JSONField(null=True)),
                ("turn", fields.JSONField(null=True)),
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
                "table": "marketing_mailing",
                "app": "marketing",
                "indexes": [
                    Index(fields=["state", "created_at"], name="marketing_mailing_e108ecfb"),
                    Index(fields=["segment_id", "created_at", "id"], name="marketing_mailing_aea60d3c"),
                    Index(fields=["campaign_id", "created_at", "id"], name="marketing_mailing_85c6ec0c"),
                    Index(fields=["sender_id", "created_at", "id"], name="marketing_mailing_464df474"),
                    Index(fields=["owner_id", "created_at", "id"], name="marketing_mailing_10f21927"),
                    Index(fields=["department_id", "created_at", "id"], name="marketing_mailing_879da45f"),
                    Index(fields=["created_at", "id"], name="marketing_mailing_bbfac1f6"),
                    Index(fields=["subject_folded", "id"], name="marketing_mailing_14a6b6b6"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Member",
            fields=[
                (
                    "campaign",
                    fields.ForeignKeyField("marketing.Campaign", related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("customer", fields.ForeignKeyField("sales.Customer", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("answer", fields.CharField(db_default="chosen", max_length=32)),
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
                "table": "marketing_member",
                "app": "marketing",
                "indexes": [
                    Index(fields=["campaign_id", "created_at", "id"], name="marketing_member_c34e3a78"),
                    Index(fields=["customer_id", "created_at", "id"], name="marketing_member_1905235b"),
                    Index(fields=["created_at", "id"], name="marketing_member_785cea45"),
                    Index(fields=["remark_folded", "id"], name="marketing_member_e0196cc4"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Recipient",
            fields=[
                (
                    "mailing",
                    fields.ForeignKeyField("marketing.Mailing", related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("address", fields.TextField()),
                ("address_folded", fields.TextField()),
                ("name", fields.TextField(null=True)),
                ("name_folded", fields.TextField(null=True)),
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
                ("state", fields.CharField(db_default="waiting", max_length=32)),
                ("at", fields.DatetimeField(null=True)),
                ("said", fields.TextField(null=True)),
                ("said_folded", fields.TextField(null=True)),
                ("attempts", fields.IntField(db_default=0)),
                ("due_at", fields.DatetimeField(null=True)),
                ("left_at", fields.DatetimeField(null=True)),
                ("token", fields.JSONField(null=True)),
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
                "table": "marketing_recipient",
                "app": "marketing",
                "unique_together": (("mailing_id", "address_folded"),),
                "indexes": [
                    Index(fields=["mailing_id", "state"], name="marketing_recipient_947f6414"),
                    Index(fields=["mailing_id", "created_at", "id"], name="marketing_recipient_18ce6c8b"),
                    Index(fields=["customer_id", "created_at", "id"], name="marketing_recipient_d37ee105"),
                    Index(fields=["contact_id", "created_at", "id"], name="marketing_recipient_30a0bc19"),
                    Index(fields=["created_at", "id"], name="marketing_recipient_6f1433b3"),
                    Index(fields=["address_folded", "id"], name="marketing_recipient_bc13d149"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Suppression",
            fields=[
                ("address", fields.TextField()),
                ("address_folded", fields.TextField()),
                ("reason", fields.CharField(db_default="asked", max_length=32)),
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
                "table": "marketing_suppression",
                "app": "marketing",
                "unique_together": (("address_folded",),),
                "indexes": [
                    Index(fields=["owner_id", "address_folded", "id"], name="marketing_suppression_8f063912"),
                    Index(fields=["department_id", "address_folded", "id"], name="marketing_suppression_99b9f26c"),
                    Index(fields=["address_folded", "id"], name="marketing_suppression_0ddaa5bb"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]
