from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("core", "0010_second_factor")]

    operations = [
        ops.CreateModel(
            name="Ceremony",
            fields=[
                ("digest", fields.TextField()),
                ("digest_folded", fields.TextField()),
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
            options={"table": "core_ceremony", "app": "core", "unique_together": (("digest",),), "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Identity",
            fields=[
                ("user", fields.ForeignKeyField("core.User", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("issuer", fields.TextField()),
                ("issuer_folded", fields.TextField()),
                ("subject", fields.TextField(null=True)),
                ("seen_at", fields.DatetimeField(null=True)),
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
                "table": "core_identity",
                "app": "core",
                "unique_together": (("issuer", "subject"),),
                "indexes": [Index(fields=["user_id"], name="core_identity_9109ae91")],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Passkey",
            fields=[
                ("user", fields.ForeignKeyField("core.User", related_name=False, on_delete=OnDelete.RESTRICT)),
                ("name", fields.TextField()),
                ("name_folded", fields.TextField()),
                ("credential", fields.TextField(null=True)),
                ("public_key", fields.TextField(null=True)),
                ("sign_count", fields.IntField()),
                ("seen_at", fields.DatetimeField(null=True)),
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
                "table": "core_passkey",
                "app": "core",
                "unique_together": (("credential",),),
                "indexes": [Index(fields=["user_id"], name="core_passkey_9a682081")],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]
