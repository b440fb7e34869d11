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
            name="Skill",
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
                "table": "service_desk_skill",
                "app": "service_desk",
                "unique_together": (("name_folded",),),
                "indexes": [
                    Index(fields=["owner_id", "name_folded", "id"], name="service_desk_skill_cd3aea67"),
                    Index(fields=["department_id", "name_folded", "id"], name="service_desk_skill_948c261d"),
                    Index(fields=["name_folded", "id"], name="service_desk_skill_0685b469"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Ticket",
            fields=[
                ("subject", fields.TextField()),
                ("subject_folded", fields.TextField()),
                ("number", fields.TextField(null=True)),
                ("number_folded", fields.TextField(null=True)),
                ("kind", fields.CharField(db_default="request", max_length=32)),
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
                    "product",
                    fields.ForeignKeyField("sales.Product", null=True, related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("faulty", fields.BooleanField(db_default=False)),
                ("channel", fields.CharField(db_default="phone", max_length=32)),
                ("priority", fields.CharField(db_default="normal", max_length=32)),
                (
                    "skill",
                    fields.ForeignKeyField(
                        "service_desk.Skill", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
                ("description", fields.TextField(null=True)),
                ("description_folded", fields.TextField(null=True)),
                ("solution", fields.TextField(null=True)),
                ("solution_folded", fields.TextField(null=True)),
                ("satisfaction", fields.CharField(null=True, max_length=32)),
                ("state", fields.CharField(db_default="new", max_length=32)),
                ("response_due", fields.DatetimeField(null=True)),
                ("resolution_due", fields.DatetimeField(null=True)),
                ("responded_at", fields.DatetimeField(null=True)),
                ("solved_at", fields.DatetimeField(null=True)),
                ("waiting_since", fields.DatetimeField(null=True)),
                ("waited_minutes", fields.IntField(db_default=0)),
                ("response_minutes", fields.IntField(null=True)),
                ("resolution_minutes", fields.IntField(null=True)),
                ("warned_at", fields.DatetimeField(null=True)),
                ("breached", fields.BooleanField(db_default=False)),
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
                "table": "service_desk_ticket",
                "app": "service_desk",
                "unique_together": (("number_folded",),),
                "indexes": [
                    Index(fields=["state", "created_at"], name="service_desk_ticket_0001e11a"),
                    Index(fields=["kind", "created_at"], name="service_desk_ticket_078228c8"),
                    Index(fields=["customer_id", "created_at", "id"], name="service_desk_ticket_09b9dfbb"),
                    Index(fields=["contact_id", "created_at", "id"], name="service_desk_ticket_c1282d7f"),
                    Index(fields=["product_id", "created_at", "id"], name="service_desk_ticket_4cb67ae4"),
                    Index(fields=["skill_id", "created_at", "id"], name="service_desk_ticket_ead108f1"),
                    Index(fields=["owner_id", "created_at", "id"], name="service_desk_ticket_3246339d"),
                    Index(fields=["department_id", "created_at", "id"], name="service_desk_ticket_abf13a4c"),
                    Index(fields=["created_at", "id"], name="service_desk_ticket_81cd89df"),
                    Index(fields=["subject_folded", "id"], name="service_desk_ticket_4a981635"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Article",
            fields=[
                ("question", fields.TextField()),
                ("question_folded", fields.TextField()),
                ("answer", fields.TextField()),
                ("answer_folded", fields.TextField()),
                (
                    "skill",
                    fields.ForeignKeyField(
                        "service_desk.Skill", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
                (
                    "product",
                    fields.ForeignKeyField("sales.Product", null=True, related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                (
                    "ticket",
                    fields.ForeignKeyField(
                        "service_desk.Ticket", null=True, related_name=False, on_delete=OnDelete.RESTRICT
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
                "table": "service_desk_article",
                "app": "service_desk",
                "indexes": [
                    Index(fields=["skill_id", "question_folded", "id"], name="service_desk_article_6741a7f7"),
                    Index(fields=["product_id", "question_folded", "id"], name="service_desk_article_2a65f4e7"),
                    Index(fields=["ticket_id", "question_folded", "id"], name="service_desk_article_4cbe0af6"),
                    Index(fields=["owner_id", "question_folded", "id"], name="service_desk_article_1bf16d1a"),
                    Index(fields=["department_id", "question_folded", "id"], name="service_desk_article_286ab94f"),
                    Index(fields=["question_folded", "id"], name="service_desk_article_3c34df68"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="InternalNote",
            fields=[
                (
                    "ticket",
                    fields.ForeignKeyField("service_desk.Ticket", related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("text", fields.TextField()),
                ("text_folded", fields.TextField()),
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
                "table": "service_desk_internal_note",
                "app": "service_desk",
                "indexes": [
                    Index(fields=["ticket_id", "created_at", "id"], name="service_desk_internal_note_88bed03a"),
                    Index(fields=["created_at", "id"], name="service_desk_internal_note_f822153f"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Reply",
            fields=[
                (
                    "ticket",
                    fields.ForeignKeyField("service_desk.Ticket", related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("text", fields.TextField()),
                ("text_folded", fields.TextField()),
                ("from_customer", fields.BooleanField(db_default=False)),
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
                "table": "service_desk_reply",
                "app": "service_desk",
                "indexes": [
                    Index(fields=["ticket_id", "created_at", "id"], name="service_desk_reply_7e48faf7"),
                    Index(fields=["created_at", "id"], name="service_desk_reply_e60622d8"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ServiceLevel",
            fields=[
                ("name", fields.TextField()),
                ("name_folded", fields.TextField()),
                ("priority", fields.CharField(max_length=32)),
                ("response_minutes", fields.IntField()),
                ("resolution_minutes", fields.IntField()),
                ("warning_minutes", fields.IntField(db_default=30)),
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
                "table": "service_desk_service_level",
                "app": "service_desk",
                "indexes": [
                    Index(
                        fields=["owner_id", "priority", "name_folded", "id"], name="service_desk_service_level_a73d2c3a"
                    ),
                    Index(
                        fields=["department_id", "priority", "name_folded", "id"],
                        name="service_desk_service_level_4071fce7",
                    ),
                    Index(fields=["priority", "name_folded", "id"], name="service_desk_service_level_ea550bd5"),
                    Index(fields=["name_folded", "id"], name="service_desk_service_level_98beb1bb"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Speciality",
            fields=[
                (
                    "skill",
                    fields.ForeignKeyField("service_desk.Skill", related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("user", fields.ForeignKeyField("core.User", related_name=False, on_delete=OnDelete.RESTRICT)),
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
                "table": "service_desk_speciality",
                "app": "service_desk",
                "indexes": [
                    Index(fields=["skill_id"], name="service_desk_speciality_43c3c4ae"),
                    Index(fields=["user_id"], name="service_desk_speciality_5c3f6671"),
                    Index(fields=["remark_folded", "id"], name="service_desk_speciality_1a991a1a"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]
