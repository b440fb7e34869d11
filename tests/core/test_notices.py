"""Notices: how plugins declare what users are told of, and what of an event they fit."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import uuid4

import pytest

from core.boot import boot
from core.events import Happening
from core.journal import Told
from core.notices import kinds
from core.noticing import fits
from tradepost import Notice, Plugin, hookimpl

GRADED = Notice("graded", "Graded", ["shop.card.update"], fields=["grade"])


def test_the_kinds_of_all_plugins_stand_beside_the_kernels_own():
    hooks = SimpleNamespace(tradepost_notices=hookimpl(lambda: [GRADED]), __name__="shop")
    found = kinds(boot([Plugin("shop", hooks=[hooks])]))
    assert (found["shop.graded"], found["core.due"]) == (("shop", "Graded"), ("core", "Due"))


@pytest.mark.parametrize(
    ("name", "fields", "told"),
    [
        ("shop.card.update", ["grade"], True),
        ("shop.card.update", ["grade", "name"], True),
        ("shop.card.update", ["name"], False),
        ("shop.card.promote", ["grade"], True),
        ("shop.card.create", ["grade"], False),
        ("shop.box.update", ["grade"], False),
    ],
)
def test_a_notice_tells_of_its_fields_whatever_changed_them(name: str, fields: list[str], told: bool):
    model = name.rpartition(".")[0]
    one = Happening(uuid4(), name, model, uuid4(), {"fields": fields}, None, datetime.now(UTC), 1)
    assert fits(GRADED, one) is told


def test_a_text_names_people_by_an_at_sign_and_nobody_by_an_address_of_mail():
    told = Told("update", "shop.card", changes={"text": ["@ann", "@ann, @bob.lee. and x@kim.example @@no"]}, by=uuid4())
    assert told.mentions == ["bob.lee"]
    assert Told("update", "shop.card", changes=told.changes, by=told.by, imported=True).mentions == []


def test_who_gives_himself_a_record_is_given_nothing():
    me, other = uuid4(), uuid4()
    assert Told("create", changes={"owner": [None, str(me)]}, by=me).assigned == ""
    assert Told("create", changes={"owner": [None, str(other)]}, by=me).assigned == str(other)
    assert Told("create", changes={"owner": [None, str(other)]}).assigned == "", "by Tradepost itself"
