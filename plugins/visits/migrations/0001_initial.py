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
            name="VisitForm",
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
                "table": "visits_visit_form",
                "app": "visits",
                "unique_together": (("name_folded",),),
                "indexes": [
                    Index(fields=["owner_id", "name_folded", "id"], name="visits_visit_form_205b4363"),
                    Index(fields=["department_id", "name_folded", "id"], name="visits_visit_form_72fc56a9"),
                    Index(fields=["name_folded", "id"], name="visits_visit_form_831e40da"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="VisitPlan",
            fields=[
                ("name", fields.TextField()),
                ("name_folded", fields.TextField()),
                (
                    "form",
                    fields.ForeignKeyField(
                        "visits.VisitForm", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
                ("description", fields.TextField(null=True)),
                ("description_folded", fields.TextField(null=True)),
                ("routing_since", fields.DatetimeField(null=True)),
                ("routed_at", fields.DatetimeField(null=True)),
                ("routed_visits", fields.IntField(null=True)),
                ("routed_left", fields.IntField(null=True)),
                ("routed_metres", fields.IntField(null=True)),
                ("fault", fields.TextField(null=True)),
                ("fault_folded", fields.TextField(null=True)),
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
                "table": "visits_visit_plan",
                "app": "visits",
                "indexes": [
                    Index(fields=["form_id", "name_folded", "id"], name="visits_visit_plan_777d262d"),
                    Index(fields=["owner_id", "name_folded", "id"], name="visits_visit_plan_00354215"),
                    Index(fields=["department_id", "name_folded", "id"], name="visits_visit_plan_ff1383fb"),
                    Index(fields=["name_folded", "id"], name="visits_visit_plan_1bac2946"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SiteClass",
            fields=[
                ("name", fields.TextField()),
                ("name_folded", fields.TextField()),
                ("every_days", fields.IntField(db_default=14)),
                ("minutes", fields.IntField(db_default=30)),
                ("importance", fields.CharField(db_default="normal", max_length=32)),
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
                "table": "visits_site_class",
                "app": "visits",
                "unique_together": (("name_folded",),),
                "indexes": [
                    Index(fields=["owner_id", "name_folded", "id"], name="visits_site_class_a24764b4"),
                    Index(fields=["department_id", "name_folded", "id"], name="visits_site_class_5d6f7595"),
                    Index(fields=["name_folded", "id"], name="visits_site_class_f8cb035f"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Site",
            fields=[
                ("name", fields.TextField()),
                ("name_folded", fields.TextField()),
                ("customer", fields.ForeignKeyField("sales.Customer", related_name=False, on_delete=OnDelete.RESTRICT)),
                (
                    "plan",
                    fields.ForeignKeyField(
                        "visits.VisitPlan", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
                (
                    "site_class",
                    fields.ForeignKeyField(
                        "visits.SiteClass", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
                (
                    "user",
                    fields.ForeignKeyField("core.User", null=True, related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("every_days", fields.IntField(null=True)),
                ("minutes", fields.IntField(null=True)),
                ("opens", fields.TextField(null=True)),
                ("opens_folded", fields.TextField(null=True)),
                ("closes", fields.TextField(null=True)),
                ("closes_folded", fields.TextField(null=True)),
                ("closed_days", fields.JSONField(db_default=[])),
                ("closed_days_folded", fields.TextField(db_default="")),
                ("address", fields.TextField(null=True)),
                ("address_folded", fields.TextField(null=True)),
                ("position_latitude", fields.BigIntField(null=True)),
                ("position_longitude", fields.BigIntField(null=True)),
                ("remark", fields.TextField(null=True)),
                ("remark_folded", fields.TextField(null=True)),
                ("last_visit", fields.DateField(null=True)),
                ("next_due", fields.DateField(null=True)),
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
                "table": "visits_site",
                "app": "visits",
                "indexes": [
                    Index(fields=["plan_id", "next_due"], name="visits_site_637dd078"),
                    Index(fields=["customer_id", "name_folded", "id"], name="visits_site_95db5705"),
                    Index(fields=["plan_id", "name_folded", "id"], name="visits_site_c6d89f20"),
                    Index(fields=["site_class_id", "name_folded", "id"], name="visits_site_87c00c20"),
                    Index(fields=["user_id", "name_folded", "id"], name="visits_site_0f4711a8"),
                    Index(fields=["owner_id", "name_folded", "id"], name="visits_site_04c092b0"),
                    Index(fields=["department_id", "name_folded", "id"], name="visits_site_65a57ad5"),
                    Index(fields=["name_folded", "id"], name="visits_site_e5e6c4ed"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Visit",
            fields=[
                ("subject", fields.TextField(null=True)),
                ("subject_folded", fields.TextField(null=True)),
                ("site", fields.ForeignKeyField("visits.Site", related_name=False, on_delete=OnDelete.RESTRICT)),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "sales.Customer", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
                (
                    "plan",
                    fields.ForeignKeyField(
                        "visits.VisitPlan", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
                (
                    "form",
                    fields.ForeignKeyField(
                        "visits.VisitForm", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
                ("day", fields.DateField(null=True)),
                ("remark", fields.TextField(null=True)),
                ("remark_folded", fields.TextField(null=True)),
                ("state", fields.CharField(db_default="due", max_length=32)),
                ("due", fields.DateField(null=True)),
                ("place", fields.IntField(null=True)),
                ("planned_at", fields.DatetimeField(null=True)),
                ("planned_until", fields.DatetimeField(null=True)),
                ("way", fields.IntField(null=True)),
                ("locked", fields.BooleanField(db_default=False)),
                ("unfit", fields.CharField(null=True, max_length=32)),
                ("arrived_at", fields.DatetimeField(null=True)),
                ("arrived_position_latitude", fields.BigIntField(null=True)),
                ("arrived_position_longitude", fields.BigIntField(null=True)),
                ("arrived_metres", fields.IntField(null=True)),
                ("late_minutes", fields.IntField(null=True)),
                ("left_at", fields.DatetimeField(null=True)),
                ("left_position_latitude", fields.BigIntField(null=True)),
                ("left_position_longitude", fields.BigIntField(null=True)),
                ("left_metres", fields.IntField(null=True)),
                ("minutes", fields.IntField(null=True)),
                ("doubtful", fields.BooleanField(db_default=False)),
                ("excuse", fields.CharField(null=True, max_length=32)),
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
                "table": "visits_visit",
                "app": "visits",
                "indexes": [
                    Index(fields=["owner_id", "day"], name="visits_visit_c7677836"),
                    Index(fields=["plan_id", "state"], name="visits_visit_0377fd26"),
                    Index(fields=["state", "day"], name="visits_visit_253f5158"),
                    Index(fields=["site_id", "day"], name="visits_visit_adba4c7d"),
                    Index(fields=["site_id", '"day" DESC NULLS LAST', "place", "id"], name="visits_visit_611d9e92"),
                    Index(fields=["customer_id", '"day" DESC NULLS LAST', "place", "id"], name="visits_visit_3caee00d"),
                    Index(fields=["plan_id", '"day" DESC NULLS LAST', "place", "id"], name="visits_visit_0b960da1"),
                    Index(fields=["form_id", '"day" DESC NULLS LAST', "place", "id"], name="visits_visit_9f95ea6a"),
                    Index(fields=["owner_id", '"day" DESC NULLS LAST', "place", "id"], name="visits_visit_71a62eec"),
                    Index(
                        fields=["department_id", '"day" DESC NULLS LAST', "place", "id"], name="visits_visit_dec39616"
                    ),
                    Index(fields=['"day" DESC NULLS LAST', "place", "id"], name="visits_visit_9a7a9bf9"),
                    Index(fields=["subject_folded", "id"], name="visits_visit_dd1a6465"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="FormQuestion",
            fields=[
                ("form", fields.ForeignKeyField("visits.VisitForm", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("question", fields.TextField()),
                ("question_folded", fields.TextField()),
                ("kind", fields.CharField(db_default="number", max_length=32)),
                ("options", fields.JSONField(db_default=[])),
                ("options_folded", fields.TextField(db_default="")),
                ("unit", fields.TextField(null=True)),
                ("unit_folded", fields.TextField(null=True)),
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
                "table": "visits_form_question",
                "app": "visits",
                "indexes": [
                    Index(fields=["form_id"], name="visits_form_question_38a4a3d0"),
                    Index(fields=["question_folded", "id"], name="visits_form_question_b7688d42"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Answer",
            fields=[
                ("visit", fields.ForeignKeyField("visits.Visit", related_name=False, on_delete=OnDelete.RESTRICT)),
                (
                    "field",
                    fields.ForeignKeyField("visits.FormQuestion", related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("question", fields.TextField(null=True)),
                ("question_folded", fields.TextField(null=True)),
                ("number", fields.BigIntField(null=True, description="scale 4")),
                ("chosen", fields.TextField(null=True)),
                ("chosen_folded", fields.TextField(null=True)),
                ("remark", fields.TextField(null=True)),
                ("remark_folded", fields.TextField(null=True)),
                ("photo", fields.TextField(null=True)),
                ("photo_folded", fields.TextField(null=True)),
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
                "table": "visits_answer",
                "app": "visits",
                "indexes": [
                    Index(fields=["visit_id", "created_at", "id"], name="visits_answer_171532b5"),
                    Index(fields=["field_id", "created_at", "id"], name="visits_answer_5eb12791"),
                    Index(fields=["created_at", "id"], name="visits_answer_397874cd"),
                    Index(fields=["question_folded", "id"], name="visits_answer_a60c0420"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Traveller",
            fields=[
                ("plan", fields.ForeignKeyField("visits.VisitPlan", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("name", fields.TextField(null=True)),
                ("name_folded", fields.TextField(null=True)),
                ("user", fields.ForeignKeyField("core.User", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("begins", fields.TextField(db_default="09:00")),
                ("begins_folded", fields.TextField(db_default="09:00")),
                ("ends", fields.TextField(db_default="18:00")),
                ("ends_folded", fields.TextField(db_default="18:00")),
                ("days", fields.JSONField(db_default=[])),
                ("days_folded", fields.TextField(db_default="")),
                ("start_latitude", fields.BigIntField(null=True)),
                ("start_longitude", fields.BigIntField(null=True)),
                ("end_latitude", fields.BigIntField(null=True)),
                ("end_longitude", fields.BigIntField(null=True)),
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
                "table": "visits_traveller",
                "app": "visits",
                "indexes": [
                    Index(fields=["plan_id", "name_folded", "id"], name="visits_traveller_1b2f7389"),
                    Index(fields=["user_id", "name_folded", "id"], name="visits_traveller_4c8c3b6d"),
                    Index(fields=["name_folded", "id"], name="visits_traveller_6a1ad495"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]
