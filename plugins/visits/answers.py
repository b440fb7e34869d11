"""What is entered at a visit: questions as fields, and what was said as rows."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from plugins.visits.choices import AnswerKind
from plugins.visits.models import Answer, FormQuestion, Visit, VisitPlan
from tradepost import Desk, Refused, Work

LARGEST = Decimal(10) ** 12


async def questions_of(reader: Work | Desk, visit: Visit) -> list[FormQuestion]:
    """The questions of a visit in their order."""
    form = visit.form
    if form is None and visit.plan is not None:
        form = (await reader.get(VisitPlan, visit.plan.id)).form
    if form is None:
        return []
    return await reader.find(FormQuestion, where=FormQuestion.form.eq(form), order=("place", "created_at"))


def value_of(question: FormQuestion, raw: str) -> dict[str, object]:
    """An answer as it is kept; `Refused` says what would be one."""
    text = raw.strip()
    if question.kind is AnswerKind.NUMBER:
        return {"number": _number(text)}
    if question.kind is AnswerKind.CHOICE:
        if text not in question.options:
            raise Refused("Choose one of %(choices)s", field="value", choices=", ".join(question.options))
        return {"chosen": text}
    if question.kind is AnswerKind.PHOTO:
        return {"photo": text[:255]}
    return {"remark": text}


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= LARGEST:
        raise Refused("Write a number", field="value", code="number")
    return number.quantize(Decimal("0.0001"))


async def keep(work: Work, visit: Visit, question: FormQuestion, values: dict[str, object]) -> Answer:
    """Keep an answer; a second one to the same question takes the place of the first."""
    where = Answer.visit.eq(visit) & Answer.field.eq(question)
    found = await work.find(Answer, where=where, limit=1)
    if found:
        return await work.change(found[0], **values)
    return await work.create(Answer, visit=visit, field=question, **values)


async def missing(work: Work, visit: Visit) -> Sequence[str]:
    """The questions that must be answered before one leaves, and are not."""
    known = work.elevated("what must be entered is asked of everybody")
    asked = [one for one in await questions_of(known, visit) if one.required]
    if not asked:
        return ()
    answered = {one.field.id for one in await known.find(Answer, where=Answer.visit.eq(visit))}
    return [one.question for one in asked if one.id not in answered]
