from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("core", "0009_tickets")]

    operations = [
        ops.CreateModel(
            name="Authenticator",
            fields=[
                ("user", fields.ForeignKeyField("core.User", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("secret", fields.TextField(null=True)),
                ("step", fields.IntField()),
                ("confirmed_at", fields.DatetimeField(null=True)),
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
                "table": "core_authenticator",
                "app": "core",
                "indexes": [Index(fields=["user_id"], name="core_authenticator_e28d6380")],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Halfway",
            fields=[
                ("user", fields.ForeignKeyField("core.User", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("digest", fields.TextField(null=True)),
                ("address", fields.TextField(null=True)),
                ("address_folded", fields.TextField(null=True)),
                ("program", fields.TextField(null=True)),
                ("program_folded", fields.TextField(null=True)),
                ("failed", fields.IntField()),
                ("expires_at", fields.DatetimeField()),
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
                "table": "core_halfway",
                "app": "core",
                "indexes": [
                    Index(fields=["digest"], name="core_halfway_65d5cc11"),
                    Index(fields=["user_id"], name="core_halfway_ef974e63"),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RecoveryCode",
            fields=[
                ("user", fields.ForeignKeyField("core.User", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("digest", fields.TextField(null=True)),
                ("used_at", fields.DatetimeField(null=True)),
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
                "table": "core_recovery_code",
                "app": "core",
                "indexes": [Index(fields=["user_id"], name="core_recovery_code_0d33d8bf")],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Role",
            name="second_factor",
            field=fields.BooleanField(db_default=False),
        ),
    ]
