from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Department",
            fields=[
                ("name", fields.TextField()),
                ("name_folded", fields.TextField()),
                (
                    "parent",
                    fields.ForeignKeyField(
                        "core.Department", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
                ("id", fields.UUIDField(primary_key=True)),
                (
                    "department",
                    fields.ForeignKeyField(
                        "core.Department", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
                ("created_at", fields.DatetimeField()),
                ("updated_at", fields.DatetimeField()),
                ("version", fields.IntField(db_default=1)),
                ("archived_at", fields.DatetimeField(null=True)),
                ("custom", fields.JSONField(null=True)),
            ],
            options={
                "table": "core_department",
                "app": "core",
                "indexes": [
                    Index(fields=["parent_id", "name_folded", "id"], name="core_department_e62d1340"),
                    Index(fields=["department_id", "name_folded", "id"], name="core_department_4cf6669c"),
                    Index(fields=["name_folded", "id"], name="core_department_2e271430"),
                ],
                "pk_attr": "id",
                "unique_together": (),
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="User",
            fields=[
                ("login", fields.TextField()),
                ("login_folded", fields.TextField()),
                ("name", fields.TextField()),
                ("name_folded", fields.TextField()),
                ("mobile", fields.TextField(null=True)),
                ("mobile_folded", fields.TextField(null=True)),
                ("email", fields.TextField(null=True)),
                ("email_folded", fields.TextField(null=True)),
                ("sex", fields.CharField(null=True, max_length=32)),
                ("job_title", fields.TextField(null=True)),
                ("job_title_folded", fields.TextField(null=True)),
                (
                    "superior",
                    fields.ForeignKeyField("core.User", null=True, related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("enabled", fields.BooleanField(db_default=True)),
                ("administrator", fields.BooleanField(db_default=False)),
                ("language", fields.TextField(db_default="en")),
                ("language_folded", fields.TextField(db_default="en")),
                ("zone", fields.TextField(db_default="UTC")),
                ("zone_folded", fields.TextField(db_default="utc")),
                ("theme", fields.CharField(db_default="auto", max_length=32)),
                ("password", fields.TextField(null=True)),
                ("rights_number", fields.IntField(db_default=1)),
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
                "table": "core_user",
                "app": "core",
                "unique_together": (("login_folded",),),
                "indexes": [
                    Index(fields=["superior_id", "name_folded", "id"], name="core_user_de7a7078"),
                    Index(fields=["owner_id", "name_folded", "id"], name="core_user_5a2584ce"),
                    Index(fields=["department_id", "name_folded", "id"], name="core_user_7a78f148"),
                    Index(fields=["name_folded", "id"], name="core_user_df4fc8a3"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Role",
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
                "table": "core_role",
                "app": "core",
                "unique_together": (("name_folded",),),
                "indexes": [
                    Index(fields=["owner_id", "name_folded", "id"], name="core_role_f4d92128"),
                    Index(fields=["department_id", "name_folded", "id"], name="core_role_4769530c"),
                    Index(fields=["name_folded", "id"], name="core_role_c2f7ae6e"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Assignment",
            fields=[
                ("role", fields.ForeignKeyField("core.Role", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("user", fields.ForeignKeyField("core.User", related_name=False, on_delete=OnDelete.RESTRICT)),
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
                "table": "core_assignment",
                "app": "core",
                "unique_together": (("role_id", "user_id"),),
                "indexes": [
                    Index(fields=["role_id", "created_at", "id"], name="core_assignment_137b4df2"),
                    Index(fields=["user_id", "created_at", "id"], name="core_assignment_21ec6773"),
                    Index(fields=["created_at", "id"], name="core_assignment_2cf54ee1"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Entry",
            fields=[
                ("number", fields.IntField()),
                ("at", fields.DatetimeField()),
                (
                    "user",
                    fields.ForeignKeyField("core.User", null=True, related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("by", fields.TextField()),
                ("by_folded", fields.TextField()),
                ("verb", fields.TextField()),
                ("verb_folded", fields.TextField()),
                ("model", fields.TextField(null=True)),
                ("model_folded", fields.TextField(null=True)),
                ("record", fields.TextField(null=True)),
                ("record_folded", fields.TextField(null=True)),
                ("title", fields.TextField(null=True)),
                ("title_folded", fields.TextField(null=True)),
                ("changes", fields.JSONField(null=True)),
                ("reason", fields.TextField(null=True)),
                ("reason_folded", fields.TextField(null=True)),
                ("address", fields.TextField(null=True)),
                ("address_folded", fields.TextField(null=True)),
                ("program", fields.TextField(null=True)),
                ("program_folded", fields.TextField(null=True)),
                ("request", fields.TextField(null=True)),
                ("request_folded", fields.TextField(null=True)),
                ("previous", fields.TextField()),
                ("previous_folded", fields.TextField()),
                ("digest", fields.TextField()),
                ("digest_folded", fields.TextField()),
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
                "table": "core_entry",
                "app": "core",
                "unique_together": (("number",),),
                "indexes": [
                    Index(fields=["model", "record"], name="core_entry_76d31411"),
                    Index(fields=["user_id"], name="core_entry_91af8c01"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Event",
            fields=[
                ("name", fields.TextField()),
                ("name_folded", fields.TextField()),
                ("handler", fields.TextField()),
                ("handler_folded", fields.TextField()),
                ("model", fields.TextField(null=True)),
                ("model_folded", fields.TextField(null=True)),
                ("record", fields.TextField(null=True)),
                ("record_folded", fields.TextField(null=True)),
                ("payload", fields.JSONField(null=True)),
                (
                    "user",
                    fields.ForeignKeyField("core.User", null=True, related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("due_at", fields.DatetimeField()),
                ("attempts", fields.IntField(db_default=0)),
                ("leased_until", fields.DatetimeField(null=True)),
                ("worker", fields.TextField(null=True)),
                ("worker_folded", fields.TextField(null=True)),
                ("done_at", fields.DatetimeField(null=True)),
                ("failure", fields.TextField(null=True)),
                ("failure_folded", fields.TextField(null=True)),
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
                "table": "core_event",
                "app": "core",
                "indexes": [
                    Index(fields=["handler", "due_at"], name="core_event_c933673b"),
                    Index(fields=["user_id"], name="core_event_a175ffa1"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="File",
            fields=[
                ("name", fields.TextField()),
                ("name_folded", fields.TextField()),
                ("media_type", fields.TextField()),
                ("media_type_folded", fields.TextField()),
                ("size", fields.IntField()),
                ("digest", fields.TextField()),
                ("digest_folded", fields.TextField()),
                ("place", fields.TextField()),
                ("place_folded", fields.TextField()),
                ("model", fields.TextField()),
                ("model_folded", fields.TextField()),
                ("record", fields.TextField()),
                ("record_folded", fields.TextField()),
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
                "table": "core_file",
                "app": "core",
                "indexes": [Index(fields=["model", "record"], name="core_file_1f90d9fb")],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Grant",
            fields=[
                ("role", fields.ForeignKeyField("core.Role", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("permission", fields.TextField()),
                ("permission_folded", fields.TextField()),
                ("scope", fields.CharField(db_default="own", max_length=32)),
                ("departments", fields.JSONField(null=True)),
                ("hidden", fields.JSONField(null=True)),
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
                "table": "core_grant",
                "app": "core",
                "unique_together": (("role_id", "permission_folded"),),
                "indexes": [
                    Index(fields=["role_id", "permission_folded", "id"], name="core_grant_97dc5c73"),
                    Index(fields=["permission_folded", "id"], name="core_grant_173f56be"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Session",
            fields=[
                ("user", fields.ForeignKeyField("core.User", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("digest", fields.TextField(null=True)),
                ("address", fields.TextField(null=True)),
                ("address_folded", fields.TextField(null=True)),
                ("program", fields.TextField(null=True)),
                ("program_folded", fields.TextField(null=True)),
                ("seen_at", fields.DatetimeField()),
                ("expires_at", fields.DatetimeField()),
                ("ended_at", fields.DatetimeField(null=True)),
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
                "table": "core_session",
                "app": "core",
                "indexes": [
                    Index(fields=["digest"], name="core_session_c8aaed20"),
                    Index(fields=["user_id"], name="core_session_5a7e56c5"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Setting",
            fields=[
                ("name", fields.TextField()),
                ("name_folded", fields.TextField()),
                ("content", fields.JSONField(null=True)),
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
            options={"table": "core_setting", "app": "core", "unique_together": (("name_folded",),), "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Share",
            fields=[
                ("model", fields.TextField()),
                ("model_folded", fields.TextField()),
                ("record", fields.TextField()),
                ("record_folded", fields.TextField()),
                (
                    "user",
                    fields.ForeignKeyField("core.User", null=True, related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                (
                    "to_department",
                    fields.ForeignKeyField(
                        "core.Department", null=True, related_name=False, on_delete=OnDelete.RESTRICT
                    ),
                ),
                (
                    "role",
                    fields.ForeignKeyField("core.Role", null=True, related_name=False, on_delete=OnDelete.RESTRICT),
                ),
                ("writes", fields.BooleanField(db_default=False)),
                ("reason", fields.TextField(null=True)),
                ("reason_folded", fields.TextField(null=True)),
                ("expires_at", fields.DatetimeField(null=True)),
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
                "table": "core_share",
                "app": "core",
                "indexes": [
                    Index(fields=["model", "record"], name="core_share_0bd1abad"),
                    Index(fields=["user_id"], name="core_share_9f4a3aad"),
                    Index(fields=["to_department_id"], name="core_share_eadaa3a0"),
                    Index(fields=["role_id"], name="core_share_8ac0a67f"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Token",
            fields=[
                ("user", fields.ForeignKeyField("core.User", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("name", fields.TextField()),
                ("name_folded", fields.TextField()),
                ("digest", fields.TextField(null=True)),
                ("writes", fields.BooleanField(db_default=True)),
                ("seen_at", fields.DatetimeField(null=True)),
                ("expires_at", fields.DatetimeField()),
                ("ended_at", fields.DatetimeField(null=True)),
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
                "table": "core_token",
                "app": "core",
                "indexes": [
                    Index(fields=["digest"], name="core_token_808c73f2"),
                    Index(fields=["user_id"], name="core_token_e09369eb"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="View",
            fields=[
                ("user", fields.ForeignKeyField("core.User", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("model", fields.TextField()),
                ("model_folded", fields.TextField()),
                ("name", fields.TextField()),
                ("name_folded", fields.TextField()),
                ("content", fields.JSONField(null=True)),
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
                "table": "core_view",
                "app": "core",
                "unique_together": (("user_id", "model", "name"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Department",
            name="owner",
            field=fields.ForeignKeyField("core.User", null=True, related_name=False, on_delete=OnDelete.RESTRICT),
        ),
        ops.AddField(
            model_name="Department",
            name="created_by",
            field=fields.ForeignKeyField("core.User", null=True, related_name=False, on_delete=OnDelete.RESTRICT),
        ),
        ops.AddField(
            model_name="Department",
            name="updated_by",
            field=fields.ForeignKeyField("core.User", null=True, related_name=False, on_delete=OnDelete.RESTRICT),
        ),
        ops.AddIndex(
            model_name="Department",
            index=Index(fields=["owner_id", "name_folded", "id"], name="core_department_7ee9f0c8"),
        ),
    ]
