"""One visit on site: arrive, enter what the form asks for, leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from plugins.visits.answers import questions_of, value_of
from plugins.visits.choices import BEGUN, OPEN, AnswerKind, VisitState
from plugins.visits.lines import READ, lines, visits
from plugins.visits.models import Answer, FormQuestion, Visit
from tradepost import NotFound, Position, Refused, TradepostError, Work, hookimpl
from tradepost.pages import Page, Reply
from tradepost.pages import Visit as Visitor
from tradepost.sales import Customer

ACTIONS = ("check_in", "check_out")


async def stop(visitor: Visitor) -> Reply:
    """A visit with what is to be done."""
    return await _show(visitor, {}, {})


async def take(visitor: Visitor) -> Reply:
    """What was done: `do` says what."""
    (do,) = await visitor.sent("do") or [""]
    try:
        if do in ACTIONS:
            await _act(visitor, do)
        elif do == "answers":
            return await _answers(visitor)
    except Refused as refusal:
        return await _show(visitor, {"": _said(visitor, refusal)}, {}, status=422)
    return visitor.goto(f"/visits/stop/{visitor.id()}", visitor.gettext("Saved"))


def _said(visitor: Visitor, refusal: TradepostError) -> str:
    problems = refusal.problems if isinstance(refusal, Refused) else ()
    return " ".join(visitor.gettext(one.message, **dict(one.values)) for one in problems)


async def _act(visitor: Visitor, do: str) -> None:
    record, at = visitor.id(), await _position(visitor)
    said = (await visitor.sent("remark") or [""])[0].strip() if do == "check_out" else ""
    inputs: dict[str, object] = {"at": at} | ({"remark": said} if said else {})

    async def body(work: Work) -> Visit:
        return await work.act(await work.get(Visit, record), do, **inputs)

    await visitor.run(body)


async def _position(visitor: Visitor) -> Position | None:
    """Where the browser says that it is; of nonsense nothing, as of a browser that says nothing."""
    try:
        latitude, longitude = [Decimal((await visitor.sent(name) or [""])[0]) for name in ("latitude", "longitude")]
    except InvalidOperation:
        return None
    near = latitude.is_finite() and longitude.is_finite() and abs(latitude) <= 90 and abs(longitude) <= 180
    return Position(latitude, longitude) if near else None


async def _answers(visitor: Visitor) -> Reply:
    """Keep all answers of the form, or say what is wrong with each."""
    record = visitor.id()
    visit = await visitor.desk.get(Visit, record)
    if visit.state not in BEGUN:
        raise Refused("Check in first", code="state")
    asked = await questions_of(visitor.desk, visit)
    written = {one.id: (await visitor.sent(f"q{one.id}") or [""])[0] for one in asked}
    values, errors = _read(visitor, asked, written)
    if errors:
        return await _show(visitor, errors, written, status=422)
    for one in asked:
        if one.kind is AnswerKind.PHOTO and (files := await visitor.attach(f"q{one.id}", Visit, record)):
            values[one.id] = files[-1].name

    async def body(work: Work) -> None:
        found = await work.get(Visit, record)
        for one in asked:
            if one.id in values:
                await work.act(found, "answer", question=one.id, value=values[one.id])

    await visitor.run(body)
    return visitor.goto(f"/visits/stop/{record}", visitor.gettext("Saved"))


def _read(
    visitor: Visitor, asked: Sequence[FormQuestion], written: Mapping[UUID, str]
) -> tuple[dict[UUID, str], dict[str, str]]:
    """What was answered, and what is wrong with it, by question."""
    values: dict[UUID, str] = {}
    errors: dict[str, str] = {}
    for one in asked:
        text = written[one.id].strip()
        if not text or one.kind is AnswerKind.PHOTO:
            continue
        try:
            value_of(one, text)
            values[one.id] = text
        except Refused as refusal:
            errors[str(one.id)] = _said(visitor, refusal)
    return values, errors


async def _show(visitor: Visitor, errors: Mapping[str, str], written: Mapping[UUID, str], status: int = 200) -> Reply:
    record = visitor.id()
    found = await visits(visitor, Visit.id.eq(record))
    if not found:
        raise NotFound
    (visit,), (line,) = found, lines(visitor, found)
    asked = await questions_of(visitor.desk, visit) if visit.state in BEGUN else []
    given = {one.field.id: one for one in await visitor.desk.find(Answer, where=Answer.visit.eq(visit)) if one.field}
    may = {verb: visitor.caller.allows(f"visits.visit.{verb}") for verb in (*ACTIONS, "answer", "call_off")}
    return visitor.show(
        "stop.html",
        status=status,
        visit_=visit,
        line=line,
        customer=_customer(visitor, visit),
        open=visit.state in OPEN,
        ongoing=visit.state is VisitState.ONGOING,
        times=_times(visitor, visit),
        questions=[_question(one, given.get(one.id), written.get(one.id), errors) for one in asked],
        problem=errors.get("", ""),
        may=may,
    )


def _customer(visitor: Visitor, visit: Visit) -> str:
    """The page of the customer, for who may see it."""
    if visit.customer is None or "name" not in visit.customer.loaded():
        return ""
    return visitor.address(Customer, visit.customer.id)


def _question(
    one: FormQuestion, given: Answer | None, written: str | None, errors: Mapping[str, str]
) -> Mapping[str, Any]:
    """A question as the form draws it."""
    return {
        "id": f"q{one.id}",
        "label": f"{one.question} ({one.unit})" if one.unit else one.question,
        "kind": one.kind.value,
        "options": one.options,
        "required": one.required,
        "value": written if written is not None else _value(given),
        "photo": given.photo if given else None,
        "error": errors.get(str(one.id), ""),
    }


def _value(given: Answer | None) -> str:
    if given is None:
        return ""
    if given.number is not None:
        return f"{given.number.normalize():f}"
    return given.chosen or given.remark or ""


def _times(visitor: Visitor, visit: Visit) -> list[tuple[str, str]]:
    """When one was there, how long and how far away."""
    said: list[tuple[str, str]] = []
    for label, at, away in (
        ("Arrived at", visit.arrived_at, visit.arrived_metres),
        ("Left at", visit.left_at, visit.left_metres),
    ):
        if at is not None:
            distance = (
                visitor.gettext("%(metres)s m from the site", metres=visitor.number(away))
                if away is not None
                else visitor.gettext("no position")
            )
            said.append((visitor.gettext(label), f"{visitor.moment(at)} · {distance}"))
    if visit.minutes is not None:
        said.append((visitor.gettext("Minutes on site"), visitor.number(visit.minutes)))
    return said


@hookimpl
def tradepost_pages() -> Sequence[Page]:
    """A visit on site."""
    return (Page("stop/{id}", stop, take, permission=READ),)
