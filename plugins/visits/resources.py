"""How sites, plans, forms and answers are shown, found, checked and changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import ClassVar

from plugins.visits.answers import questions_of
from plugins.visits.choices import OPEN, AnswerKind, VisitState
from plugins.visits.hours import check_hours
from plugins.visits.models import (
    Answer,
    FormQuestion,
    Site,
    SiteClass,
    Traveller,
    Visit,
    VisitForm,
    VisitPlan,
)
from plugins.visits.planning import MOST_DAYS
from tradepost import Refused, Resource, User, Work, action

EVERY_DAYS = 14
AHEAD = 366


class VisitPlans(Resource[VisitPlan]):
    """Plans: who visits which sites."""

    columns = ("name", "form", "routed_at", "routed_visits", "routed_left", "routed_metres")
    form: ClassVar = {"Plan": ("name", "form", "description")}
    related = ("travellers", "sites", "visits")
    icon = "route"
    menu = 20

    @action(label="Make the visits that are due")
    async def generate(self, work: Work, plan: VisitPlan, until: date) -> VisitPlan:
        """Make a visit for each site of the plan that is due until a day and has none yet."""
        if until > work.now.date() + timedelta(days=AHEAD):
            raise Refused("Choose a day within a year", field="until")
        known = work.elevated("a plan knows its sites and who visits them, whoever may read each")
        people = await known.find(Traveller, where=Traveller.plan.eq(plan), limit=2)
        only = people[0].user.id if len(people) == 1 else work.caller.user_id
        waiting = await known.find(Visit, where=Visit.plan.eq(plan) & Visit.state.is_in((*OPEN, VisitState.ONGOING)))
        busy = {one.site.id for one in waiting}
        for site in await known.find(Site, where=Site.plan.eq(plan), order=("next_due", "name")):
            due = site.next_due or work.now.date()
            if site.id not in busy and due <= until:
                owner = site.user.id if site.user else only
                placed = {"owner": owner} if owner else {}
                await known.create(Visit, site=site, plan=plan, due=due, **placed)
        return plan

    @action(label="Plan the routes")
    async def route(self, work: Work, plan: VisitPlan, day: date, days: int = 1) -> VisitPlan:
        """Plan who visits whom in which order, from a day on for so many days; what does not fit is named."""
        if not 1 <= days <= MOST_DAYS:
            raise Refused("Choose 1 to %(most)s days", field="days", most=MOST_DAYS)
        asked = {"plan": str(plan.id), "first": day.isoformat(), "days": days}
        await work.later("visits.route", work.now, asked)
        return await work.change(plan, routing_since=work.now, fault=None)


class Travellers(Resource[Traveller]):
    """Who travels for a plan."""

    columns = ("name", "user", "begins", "ends", "days")
    menu = None

    async def complete(self, work: Work, before: Traveller | None, after: Traveller) -> Mapping[str, object]:
        """Name it after the user."""
        return {} if after.name else {"name": (await work.get(User, after.user.id, ("name",))).name}

    async def check(self, work: Work, before: Traveller | None, after: Traveller) -> None:
        """Hours must be hours."""
        hours = (after.begins, after.ends, after.days)
        if before is None or hours != (before.begins, before.ends, before.days):
            check_hours({"begins": after.begins or "09:00", "ends": after.ends or "18:00"}, ("days", after.days))


class Sites(Resource[Site]):
    """Sites: where visits go."""

    columns = ("name", "customer", "site_class", "plan", "last_visit", "next_due", "owner")
    filters = ("plan", "site_class", "customer", "user", "next_due", "owner")
    form: ClassVar = {
        "Site": ("name", "customer", "address", "position", "remark"),
        "Visits": ("plan", "site_class", "user", "every_days", "minutes"),
        "Opening hours": ("opens", "closes", "closed_days"),
    }
    search = ("name", "customer.name", "address")
    related = ("visits",)
    icon = "store"
    menu = 30

    async def complete(self, work: Work, before: Site | None, after: Site) -> Mapping[str, object]:
        """Say when it is due, from the last visit on."""
        rhythm = (after.last_visit, after.every_days, after.site_class, after.plan)
        if before and rhythm == (before.last_visit, before.every_days, before.site_class, before.plan):
            return {}
        if after.last_visit is None:
            return {"next_due": work.now.date()} if after.plan else {"next_due": None}
        days = after.every_days
        if days is None and after.site_class is not None:
            known = work.elevated("a site is due by its class, whoever may read that")
            days = (await known.get(SiteClass, after.site_class.id)).every_days
        return {"next_due": after.last_visit + timedelta(days=days or EVERY_DAYS)}

    async def check(self, work: Work, before: Site | None, after: Site) -> None:
        """Hours must be hours."""
        hours = (after.opens, after.closes, after.closed_days)
        if before is None or hours != (before.opens, before.closes, before.closed_days):
            check_hours({"opens": after.opens, "closes": after.closes}, ("closed_days", after.closed_days))


class SiteClasses(Resource[SiteClass]):
    """How often sites are visited."""

    columns = ("name", "every_days", "minutes", "importance")
    icon = "layers"
    menu = 50


class VisitForms(Resource[VisitForm]):
    """Forms: what is entered at a visit."""

    columns = ("name", "description")
    related = ("questions", "plans")
    icon = "clipboard-list"
    menu = 60


class FormQuestions(Resource[FormQuestion]):
    """What is asked at a visit."""

    columns = ("question", "kind", "options", "unit", "required", "place")
    menu = None

    async def check(self, work: Work, before: FormQuestion | None, after: FormQuestion) -> None:
        """Of a choice there is something to choose."""
        if after.kind is AnswerKind.CHOICE and not after.options:
            raise Refused("Say what can be chosen", field="options", code="required")


class Answers(Resource[Answer]):
    """What was entered at visits."""

    columns = ("question", "number", "chosen", "remark", "photo", "visit", "created_at")
    filters = ("field", "created_at")
    icon = "list"
    menu = None

    async def complete(self, work: Work, before: Answer | None, after: Answer) -> Mapping[str, object]:
        """Say what was asked."""
        if after.question:
            return {}
        known = work.elevated("an answer says what was asked")
        return {"question": (await known.get(FormQuestion, after.field.id)).question}

    async def check(self, work: Work, before: Answer | None, after: Answer) -> None:
        """The question is of the visit's form, and the answer of the question's kind."""
        known = work.elevated("an answer fits its question, whoever may read the form")
        question = await known.get(FormQuestion, after.field.id)
        if before is None or (before.visit, before.field) != (after.visit, after.field):
            asked = await questions_of(known, await known.get(Visit, after.visit.id))
            if question not in asked:
                raise Refused("This question is not of the visit's form", field="field")
        if question.kind is not AnswerKind.NUMBER and after.number is not None and _other(before, after, "number"):
            raise Refused("This question asks for no number", field="number")
        if after.chosen is not None and after.chosen not in question.options and _other(before, after, "chosen"):
            raise Refused("Choose one of %(choices)s", field="chosen", choices=", ".join(question.options))


def _other(before: Answer | None, after: Answer, name: str) -> bool:
    return before is None or before.value(name) != after.value(name)
