"""Visits: how they are shown, and their way from due to done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, ClassVar

from plugins.visits.answers import keep, missing, questions_of, value_of
from plugins.visits.choices import OPEN, Excuse, VisitState
from plugins.visits.distances import metres
from plugins.visits.models import FormQuestion, Site, Visit
from plugins.visits.settings import reckoning
from tradepost import NotFound, Position, Refused, Resource, Work, action
from tradepost.fields import note, position
from tradepost.sales import Customer

At = Annotated[Position | None, position(label="Where you are")]
Words = Annotated[str | None, note()]
IS_OPEN = Visit.state.is_in(OPEN)
IS_ONGOING = Visit.state.eq(VisitState.ONGOING)


class Visits(Resource[Visit]):
    """Visits, and their way from due to done."""

    columns = ("subject", "customer", "day", "planned_at", "state", "owner", "unfit", "doubtful", "minutes")
    filters = ("state", "day", "owner", "plan", "site", "unfit", "doubtful", "locked", "arrived_at")
    form: ClassVar = {"Visit": ("subject", "site", "plan", "form", "day", "remark")}
    search = ("subject", "site.name", "customer.name", "remark")
    board = "state"
    related = ("answers",)
    timeline = "day"
    icon = "map-pin"
    menu = 10

    @action(bulk=False, when=IS_OPEN, otherwise="This visit is under way or over")
    async def check_in(self, work: Work, visit: Visit, at: At = None) -> Visit:
        """Arrive: the time is the server's, the distance to the site is kept."""
        away, doubtful = await _distance(work, visit, at)
        late = int((work.now - visit.planned_at).total_seconds() // 60) if visit.planned_at else None
        return await work.change(
            visit,
            state=VisitState.ONGOING,
            day=(await _today(work)),
            arrived_at=work.now,
            arrived_position=at,
            arrived_metres=away,
            doubtful=doubtful,
            late_minutes=None if late is None else max(0, late),
            unfit=None,
        )

    @action(bulk=False, when=IS_ONGOING, otherwise="Check in first")
    async def check_out(self, work: Work, visit: Visit, at: At = None, remark: Words = None) -> Visit:
        """Leave: what must be entered was entered."""
        left = await missing(work, visit)
        if left:
            raise Refused("Enter this first: %(questions)s", code="required", questions=", ".join(left))
        away, doubtful = await _distance(work, visit, at)
        said = {"remark": remark} if remark else {}
        return await work.change(
            visit,
            state=VisitState.DONE,
            left_at=work.now,
            left_position=at,
            left_metres=away,
            doubtful=visit.doubtful or doubtful,
            minutes=_minutes(visit.arrived_at, work.now),
            **said,
        )

    @action(bulk=False, label="Enter an answer", when=Visit.state.is_in((VisitState.ONGOING, VisitState.DONE)))
    async def answer(self, work: Work, visit: Visit, question: FormQuestion, value: Words = None) -> Visit:
        """Enter what a question of the form asks for; of a photo the name of the file that was attached."""
        if question not in await questions_of(work, visit):
            raise Refused("This question is not of the visit's form", field="question")
        asked = await work.get(FormQuestion, question.id)
        text = (value or "").strip()
        if not text:
            raise Refused("Fill this in", field="value", code="required")
        await keep(work, visit, asked, value_of(asked, text))
        return visit

    @action(when=IS_OPEN, label="Call off")
    async def call_off(self, work: Work, visit: Visit, excuse: Excuse, *, replan: bool = True) -> Visit:
        """Say why it does not take place; the routes of the day are planned again without it, if wished."""
        day, plan = visit.day, visit.plan
        done = await work.change(visit, state=VisitState.CALLED_OFF, excuse=excuse, locked=False)
        if replan and plan is not None and day is not None and visit.state is VisitState.PLANNED:
            asked = {"plan": str(plan.id), "first": day.isoformat(), "days": 1}
            await work.later("visits.route", work.now, asked)
        return done

    @action(when=Visit.state.eq(VisitState.PLANNED), otherwise="Only what has a time can be promised")
    async def promise(self, work: Work, visit: Visit) -> Visit:
        """Keep its day, its time and who comes, whatever else is planned."""
        if visit.planned_at is None:
            raise Refused("Only what has a time can be promised", code="untimed")
        return await work.change(visit, locked=True)

    @action(when=Visit.locked.eq(True), otherwise="It is promised to nobody")
    async def release(self, work: Work, visit: Visit) -> Visit:
        """Let a new route choose another time."""
        return await work.change(visit, locked=False)

    async def complete(self, work: Work, before: Visit | None, after: Visit) -> Mapping[str, object]:
        """Take from the site what it says: the customer, the plan, the name."""
        if before is not None and before.site == after.site and after.subject:
            return {}
        known = work.elevated("a visit is of the customer and the plan of its site")
        try:
            site = await known.get(Site, after.site.id)
        except NotFound:
            return {}  # that the site is unknown is said of it in a moment
        values: dict[str, object] = {"subject": after.subject or site.name, "customer": site.customer}
        return values | ({"plan": site.plan} if before is None and after.plan is None else {})

    async def check(self, work: Work, before: Visit | None, after: Visit) -> None:
        """What has begun stays where it was."""
        if before is None or before.state in OPEN:
            return
        if (before.site, before.day, before.form) != (after.site, after.day, after.form):
            raise Refused("This visit is under way or over; only what was said can be changed", code="begun")


def _minutes(arrived: datetime | None, left: datetime) -> int | None:
    return None if arrived is None else max(0, round((left - arrived).total_seconds() / 60))


async def _today(work: Work) -> date:
    """The day in the zone of the visits."""
    return work.now.astimezone((await reckoning(work.option)).zone).date()


async def _distance(work: Work, visit: Visit, at: Position | None) -> tuple[int | None, bool]:
    """How far somebody is from the site, and whether that gives rise to doubt: no position, or too far."""
    if at is None:
        return None, True
    known = work.elevated("where a site is is no secret to who visits it")
    site = await known.get(Site, visit.site.id)
    place = site.position or (await known.get(Customer, site.customer.id)).position
    if place is None:
        return None, False
    away = metres(at, place)
    return away, away > await work.option("visits.near")
