"""What is entered at a visit: of the right kind, once for each question, and before one leaves."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.errors import Forbidden, NotFound, Refused
from tests.plugins.visits.conftest import SYSTEM
from tradepost.visits import Answer, AnswerKind, FormQuestion, Visit, VisitForm

ASKED = (
    ("Stock", AnswerKind.NUMBER, (), True),
    ("Shelf", AnswerKind.CHOICE, ("Front", "Back"), False),
    ("Picture", AnswerKind.PHOTO, (), False),
    ("Others", AnswerKind.NOTE, (), False),
)


@pytest.fixture
async def asked(firm):
    form = await firm.make(VisitForm, name="Shop")
    return {
        question: await firm.make(
            FormQuestion, form=form.id, question=question, kind=kind, options=options, required=required, place=place
        )
        for place, (question, kind, options, required) in enumerate(ASKED)
    }


@pytest.fixture
async def visit(firm, asked):
    """Ann is on site."""
    plan = await firm.plan("ann", form=asked["Stock"].form.id)
    site = await firm.site("Shop", "52.520000", "13.405000", plan=plan.id)
    ann = await firm.as_("ann")
    return await firm.act(await firm.make(Visit, ann, site=site.id), "check_in", ann)


@pytest.mark.requirement("VI-6", "VI-7")
async def test_answers_are_rows_of_their_kind_and_a_second_one_replaces_the_first(firm, asked, visit):
    ann = await firm.as_("ann")
    given = (
        ("Stock", " 7.25 "),
        ("Shelf", "Back"),
        ("Picture", "shelf.jpg"),
        ("Others", "Nothing new"),
        ("Stock", "8"),
    )
    for question, value in given:
        await firm.act(visit, "answer", ann, question=asked[question].id, value=value)
    kept = {one.question: one for one in await firm.all(Answer)}
    assert {name: (one.number, one.chosen, one.photo, one.remark) for name, one in kept.items()} == {
        "Stock": (Decimal(8), None, None, None),
        "Shelf": (None, "Back", None, None),
        "Picture": (None, None, "shelf.jpg", None),
        "Others": (None, None, None, "Nothing new"),
    }
    assert {one.visit.id for one in kept.values()} == {visit.id}


async def test_what_is_no_answer_to_the_question_is_refused(firm, asked, visit):
    ann = await firm.as_("ann")
    other = await firm.make(VisitForm, name="Other")
    strange = await firm.make(FormQuestion, form=other.id, question="Strange")
    for question, value in (
        (asked["Stock"], "many"),
        (asked["Stock"], "NaN"),
        (asked["Stock"], "1e99"),
        (asked["Shelf"], "Side"),
        (asked["Others"], "  "),
        (strange, "1"),
    ):
        with pytest.raises(Refused):
            await firm.act(visit, "answer", ann, question=question.id, value=value)
    for values, name in (({"number": "1"}, "number"), ({"chosen": "Side"}, "chosen")):
        with pytest.raises(Refused) as refusal:
            await firm.make(Answer, ann, visit=visit.id, field=asked["Shelf"].id, **values)
        assert [one.field for one in refusal.value.problems] == [name]
    with pytest.raises(Refused, match="not of the visit's form"):
        await firm.make(Answer, ann, visit=visit.id, field=strange.id)
    assert await firm.all(Answer) == []


@pytest.mark.requirement("VI-6")
async def test_nobody_leaves_before_what_is_needed_was_entered(firm, asked, visit):
    ann = await firm.as_("ann")
    with pytest.raises(Refused, match="Enter this first: Stock"):
        await firm.act(visit, "check_out", ann)
    assert (await firm.now(visit)).version == visit.version
    await firm.act(visit, "answer", ann, question=asked["Stock"].id, value="3")
    assert (await firm.act(visit, "check_out", ann)).minutes == 0


async def test_answers_are_read_and_given_by_those_who_have_the_visit(firm, asked, visit):
    ann, bob = await firm.as_("ann"), await firm.as_("bob")
    await firm.act(visit, "answer", ann, question=asked["Stock"].id, value="3")
    assert await firm.all(Answer, bob) == []
    assert [one.number for one in await firm.all(Answer, await firm.as_("lead"))] == [3]
    with pytest.raises(NotFound):
        await firm.act(visit, "answer", bob, question=asked["Stock"].id, value="4")
    with pytest.raises((NotFound, Refused, Forbidden)):
        await firm.make(Answer, bob, visit=visit.id, field=asked["Stock"].id, number="4")
    assert [one.number for one in await firm.all(Answer, SYSTEM)] == [3]


async def test_a_choice_has_something_to_choose(firm, asked):
    with pytest.raises(Refused) as refusal:
        await firm.make(FormQuestion, form=asked["Stock"].form.id, question="Which?", kind="choice")
    assert [one.field for one in refusal.value.problems] == ["options"]
    assert len(await firm.all(FormQuestion)) == 4
