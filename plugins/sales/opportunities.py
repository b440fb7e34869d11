"""How opportunities are shown, checked and moved through their stages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from plugins.sales.choices import Reason, StageKind
from plugins.sales.models import Contact, Opportunity, OpportunityLine, Pipeline, Stage, StageChange
from tradepost import NotFound, Refused, Resource, Work, action
from tradepost.fields import note


def today(work: Work) -> date:
    """The day that it is for the caller."""
    return work.now.astimezone(ZoneInfo(work.caller.zone)).date()


async def first_stage(work: Work, pipeline: Pipeline | None, kind: StageKind) -> Stage:
    """The first stage of a kind, of a pipeline or of the first one by name."""
    where = Stage.kind.eq(kind)
    if pipeline is not None:
        where = where & Stage.pipeline.eq(pipeline)
    found = await work.find(Stage, where=where, order=("pipeline.name", "place"), limit=1)
    if not found:
        raise Refused("The pipeline has no such stage: %(kind)s", field="pipeline", kind=kind.value)
    return found[0]


class Opportunities(Resource[Opportunity]):
    """Opportunities on their way to a decision."""

    columns = (
        "name",
        "customer",
        "stage",
        "stage.win_rate",
        "amount",
        "expected_close",
        "owner",
        "next_contact",
        "closed_on",
    )
    filters = (
        "pipeline",
        "stage",
        "stage.kind",
        "customer",
        "source",
        "owner",
        "expected_close",
        "closed_on",
        "reason",
    )
    form: ClassVar = {
        "Opportunity": ("name", "number", "customer", "contact", "source"),
        "Progress": ("pipeline", "stage", "amount", "engaged_on", "expected_close", "next_contact"),
        "Outcome": ("closed_on", "reason", "reason_remark", "remark"),
    }
    board = "stage"
    amount = "amount"
    search = ("name", "number", "customer.name")
    related = ("lines", "follow_ups", "stage_changes", "leads")
    timeline = "created_at"
    due = "next_contact"
    icon = "target"
    menu = 40

    @action()
    async def advance(self, work: Work, opportunity: Opportunity, stage: Stage) -> Opportunity:
        """Move the opportunity to another open stage."""
        if (await work.get(Stage, stage.id)).kind is not StageKind.OPEN:
            raise Refused("Win or lose the opportunity instead", field="stage")
        return await work.change(opportunity, stage=stage)

    @action()
    async def win(
        self,
        work: Work,
        opportunity: Opportunity,
        reason: Reason | None = None,
        remark: Annotated[str | None, note()] = None,
    ) -> Opportunity:
        """Close the opportunity as won."""
        return await self._close(work, opportunity, StageKind.WON, reason, remark)

    @action()
    async def lose(
        self, work: Work, opportunity: Opportunity, reason: Reason, remark: Annotated[str | None, note()] = None
    ) -> Opportunity:
        """Close the opportunity as lost, and say why."""
        return await self._close(work, opportunity, StageKind.LOST, reason, remark)

    @action()
    async def reopen(self, work: Work, opportunity: Opportunity, stage: Stage | None = None) -> Opportunity:
        """Take up a closed opportunity again, in a stage or where its pipeline begins."""
        current = await work.get(Stage, opportunity.stage.id)
        if current.kind is StageKind.OPEN:
            raise Refused("The opportunity is open")
        chosen = await work.get(Stage, stage.id) if stage else await first_stage(work, current.pipeline, StageKind.OPEN)
        if chosen.kind is not StageKind.OPEN:
            raise Refused("Choose an open stage", field="stage")
        return await work.change(opportunity, stage=chosen)

    async def _close(
        self, work: Work, opportunity: Opportunity, kind: StageKind, reason: Reason | None, remark: str | None
    ) -> Opportunity:
        current = await work.get(Stage, opportunity.stage.id)
        if current.kind is kind:
            raise Refused("The opportunity is closed already")
        stage = await first_stage(work, current.pipeline, kind)
        return await work.change(opportunity, stage=stage, reason=reason, reason_remark=remark, closed_on=today(work))

    async def check(self, work: Work, before: Opportunity | None, after: Opportunity) -> None:
        """Hold stage and pipeline, contact and customer together."""
        if before is None or (before.stage, before.pipeline) != (after.stage, after.pipeline):
            stage = await work.get(Stage, after.stage.id)
            if stage.pipeline != after.pipeline:
                raise Refused("This stage is of another pipeline", field="stage")
            if before and stage.kind is StageKind.LOST and after.reason is None and not work.importing:
                raise Refused("Choose why it was lost", field="reason", code="required")
        if after.contact is None or (before and (before.contact, before.customer) == (after.contact, after.customer)):
            return
        try:
            contact = await work.get(Contact, after.contact.id)
        except NotFound:
            return  # somebody else chose it, and the caller may not see where it belongs
        if after.customer is None or contact.customer != after.customer:
            raise Refused("This contact is of another customer", field="contact")

    async def changed_together(self, work: Work, changes: Sequence[tuple[Opportunity | None, Opportunity]]) -> None:
        """Keep the history of stages, and what closing and reopening mean for the day and the reason."""
        moved = [(old, new) for old, new in changes if old is None or old.stage != new.stage]
        kinds = [(await work.get(Stage, new.stage.id)).kind for _, new in moved]
        since = await _since(work, [new for old, new in moved if old])
        steps = [_step(old, new, kind) for (old, new), kind in zip(moved, kinds, strict=True)]
        await work.create_all(StageChange, [one | _lasted(work, since.get(one["opportunity"].id)) for one in steps])
        for (_, after), kind in zip(moved, kinds, strict=True):
            if kind is StageKind.OPEN and (after.closed_on or after.reason or after.reason_remark):
                await work.change(after, closed_on=None, reason=None, reason_remark=None)
            elif kind is not StageKind.OPEN and after.closed_on is None:
                await work.change(after, closed_on=today(work))


async def _since(work: Work, opportunities: Sequence[Opportunity]) -> dict[UUID, datetime]:
    """Since when opportunities were in the stage that they leave now."""
    if not opportunities:
        return {}
    where = StageChange.opportunity.is_in(opportunities)
    found = await work.find(StageChange, where=where, order=("created_at",), fields=("opportunity", "created_at"))
    return {one.opportunity.id: one.created_at for one in found}


def _lasted(work: Work, since: datetime | None) -> dict[str, object]:
    """How many days a stage lasted, for the row of the step out of it."""
    return {"days": round(Decimal((work.now - since) / timedelta(days=1)), 1)} if since else {}


def _step(before: Opportunity | None, after: Opportunity, kind: StageKind) -> dict[str, Any]:
    """A row of the history; the reason is that of closing, reopening has none."""
    return {
        "opportunity": after,
        "from_stage": before.stage if before else None,
        "to_stage": after.stage,
        "reason": None if kind is StageKind.OPEN else after.reason,
    }


class OpportunityLines(Resource[OpportunityLine]):
    """The products of opportunities."""

    columns = ("opportunity", "product", "quantity", "price", "discount", "remark")
    amount = "price"
    menu = None

    async def check(self, work: Work, before: OpportunityLine | None, after: OpportunityLine) -> None:
        """Hold the discount to a percentage."""
        if after.discount > 100:
            raise Refused("Write 100 or less", field="discount")
