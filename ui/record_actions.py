"""What is done with records: archive, restore, remove, hand over, share, and the actions of plugins; one or several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode
from uuid import UUID

from starlette.datastructures import FormData, QueryParams
from starlette.responses import Response

from core.actions import Action
from core.errors import BadQuery, NotFound, Problem, Refused
from core.fields import Traits
from core.ids import made_of, new_id
from core.query import Listing, Page, Read
from core.records import selection_of
from core.registry import ModelSpec
from core.work import Work
from ui.cells import address
from ui.choices import one_of, resolve_links
from ui.forms import Asked, Control, default_value, one_id, told, with_errors
from ui.list_views import read_query
from ui.lists import amounts, totals
from ui.records import permitted
from ui.visitor import Visitor
from ui.words import N_

MOST = 200


@dataclass(frozen=True)
class Step:
    """Something about to be done with records: which, and what it asks for."""

    spec: ModelSpec
    verb: str
    ids: tuple[UUID, ...]
    back: str
    label: str
    help: str
    asked: Asked


def back_to(spec: ModelSpec, form: FormData) -> str:
    """The list that the visitor came from."""
    query = read_query(str(form.get("back", ""))).query
    return f"{spec.path}?{query}" if query else spec.path


def chosen(form: FormData | QueryParams) -> tuple[UUID, ...]:
    """The records that a form or an address names."""
    try:
        ids = tuple(UUID(str(one)) for one in dict.fromkeys(form.getlist("id")))
    except ValueError:
        raise NotFound from None
    if len(ids) > MOST:
        raise BadQuery("At most 200 records at once")
    return ids


async def show_totals(visitor: Visitor, spec: ModelSpec) -> Response:
    """The sum of the model's amount over the records that the address names, per currency."""
    ids = chosen(visitor.request.query_params)
    roots = totals(visitor, spec, one_of(ids)) if ids else {}
    answer = await visitor.ask(Read(tuple(roots.items()))) if roots else {}
    sums = amounts(visitor, answer.get("sums"))
    return visitor.page("totals.html", block="sums", humans=visitor.humans(spec), sums=list(sums.values()))


async def bulk(visitor: Visitor, spec: ModelSpec) -> Response:
    """What was chosen for the selected records of a list."""
    form = await visitor.form()
    ids, verb = chosen(form), str(form.get("verb", ""))
    back = back_to(spec, form)
    if not ids:
        return visitor.goto(back, visitor.gettext("Select records first"))
    if verb == "archive":
        return await _archive(visitor, spec, ids, back)
    if verb == "edit":
        listed = read_query(str(form.get("back", ""))).pairs()
        return visitor.goto(f"{spec.path}/change?{urlencode([('id', one) for one in ids] + [*listed])}")
    if verb == "export":
        query = "&".join(f"id={one}" for one in ids)
        return visitor.goto(f"{spec.path}/export?{query}")
    step = plan(visitor, spec, verb, ids, back)
    return await _take(visitor, step, form)


def plan(visitor: Visitor, spec: ModelSpec, verb: str, ids: tuple[UUID, ...], back: str) -> Step:
    """What a verb means for a model: handing over, or an action of its plugin."""
    if verb == "transfer" and spec.parent is None:
        traits = {
            "owner": replace(spec.fields["owner"].traits, required=True, help=N_("Who is responsible from now on"))
        }
        visitor.caller.require(visitor.site.registry.permission(spec, "transfer"))
        label, text = visitor.gettext("Transfer"), visitor.gettext("Give the records to another owner.")
        return Step(spec, verb, ids, back, label, text, Asked(visitor, "core", traits))
    action = spec.actions.get(verb)
    if action is None:
        raise NotFound
    return _of_action(visitor, spec, action, ids, back)


def _of_action(visitor: Visitor, spec: ModelSpec, action: Action, ids: tuple[UUID, ...], back: str) -> Step:
    if not permitted(visitor, spec, action):
        visitor.caller.require(visitor.site.registry.permission(spec, action.permission))
    asked = Asked(visitor, spec.plugin, action.inputs)
    label, text = visitor.word(spec.plugin, action.label), visitor.word(spec.plugin, action.help)
    return Step(spec, action.name, ids, back, label, text, asked)


async def show_action(visitor: Visitor, spec: ModelSpec) -> Response:
    """The form of an action on one record."""
    verb = visitor.request.path_params["verb"]
    record = visitor.id()
    step = plan(visitor, spec, verb, (record,), address(spec, record) + visitor.led)
    return await _ask(visitor, step, {name: default_value(one) for name, one in step.asked.traits.items()})


async def act(visitor: Visitor, spec: ModelSpec) -> Response:
    """Take an action on one record."""
    form = await visitor.form()
    record = visitor.id()
    step = plan(visitor, spec, visitor.request.path_params["verb"], (record,), address(spec, record) + visitor.led)
    return await _take(visitor, step, form)


async def _take(visitor: Visitor, step: Step, form: FormData) -> Response:
    """Do it, or ask for what it needs."""
    traits = step.asked.traits
    if traits and not form.get("ready"):
        return await _ask(visitor, step, {name: default_value(one) for name, one in traits.items()})
    visitor, again = await _sent(visitor, form)
    if again:
        return visitor.goto(step.back, visitor.gettext("It was saved already when you sent it first"))
    resolved = await resolve_links(visitor, traits, step.asked.written(form))
    values, problems = step.asked.parsed(resolved.written)
    problems += [
        Problem("Fill this in", name, "required") for name, one in traits.items() if _missing(one, values, name)
    ]
    beside, others = told(visitor, step.asked.plugin, problems, tuple(traits))
    errors = beside | resolved.errors
    if errors or others:
        return await _ask(visitor, step, resolved.written, errors=errors, others=others, candidates=resolved.candidates)
    try:
        await _do(visitor, step, values)
    except Refused as refusal:
        beside, others = told(visitor, step.spec.plugin, list(refusal.problems), tuple(traits))
        return await _ask(visitor, step, resolved.written, errors=beside, others=others)
    text = visitor.gettext("Done: %(action)s", action=step.label)
    return visitor.done(step.back, text) if step.verb == "transfer" else visitor.goto(step.back, text)


async def _sent(visitor: Visitor, form: FormData) -> tuple[Visitor, bool]:
    """The visitor, his request named by his form, and whether he sent it before and only the answer was lost."""
    sent, user = one_id(str(form.get("once", ""))), visitor.caller.user_id
    if sent is None or user is None:
        return visitor, False
    origin = replace(visitor.caller.origin, request=str(made_of(sent, user)))
    named = replace(visitor, caller=replace(visitor.caller, origin=origin))
    return named, await visitor.site.kernel.operations.did(named.caller, origin.request)


def _missing(traits: Traits, values: Mapping[str, object], name: str) -> bool:
    return traits.required and name not in values


async def _do(visitor: Visitor, step: Step, values: Mapping[str, object]) -> None:
    operations, model = visitor.site.kernel.operations, step.spec.model
    if step.verb == "transfer":
        await operations.transfer(visitor.caller, model, step.ids, UUID(str(values["owner"])))
    else:
        await operations.act(visitor.caller, model, step.ids, step.verb, values)


async def _ask(
    visitor: Visitor,
    step: Step,
    written: Mapping[str, tuple[str, str]],
    *,
    errors: Mapping[str, str] | None = None,
    others: Sequence[str] = (),
    candidates: Mapping[str, tuple[tuple[str, str], ...]] | None = None,
) -> Response:
    """The form of what is about to be done."""
    controls: tuple[Control, ...] = tuple(
        step.asked.control(name, written.get(name, ("", ""))) for name in step.asked.traits
    )
    drawn = tuple(replace(one, options=(candidates or {}).get(one.name, one.options)) for one in controls)
    return visitor.page(
        "action.html",
        block="form",
        status=422 if errors or others else 200,
        spec=step.spec,
        step=step,
        controls=with_errors(drawn, errors or {}),
        others=list(others),
        names=await _names(visitor, step),
        humans=visitor.humans(step.spec),
        action=_action(visitor, step),
        once=new_id(),
        query=step.back.partition("?")[2],
    )


def _action(visitor: Visitor, step: Step) -> str:
    """Where the form goes; of one record so that it leads back to where it was opened."""
    if len(step.ids) > 1:
        return f"{step.spec.path}/bulk"
    return f"{address(step.spec, step.ids[0])}/do/{step.verb}{visitor.led}"


async def _names(visitor: Visitor, step: Step) -> list[str]:
    """The titles of the records that it is about, as the visitor sees them."""
    select = selection_of(visitor.site.registry, step.spec, (step.spec.title,), visitor.caller.policy)
    listing = Listing(step.spec.label, select, one_of(step.ids), page=Page(MOST))
    found = await visitor.ask(Read((("rows", listing),)))
    if not found["rows"]:
        raise NotFound
    return [visitor.shower(step.spec).title(step.spec, row) for row in found["rows"]]


async def archive(visitor: Visitor, spec: ModelSpec) -> Response:
    """Put one record into the recycle bin."""
    return await _archive(visitor, spec, (visitor.id(),), spec.path)


async def _archive(visitor: Visitor, spec: ModelSpec, ids: tuple[UUID, ...], back: str) -> Response:
    async def body(work: Work) -> None:
        for one in ids:
            await work.archive(await work.get(spec.model, one))

    await visitor.site.kernel.operations.run(visitor.caller, body)
    count = visitor.ngettext(
        "%(shown)s record is in the recycle bin", "%(shown)s records are in the recycle bin", len(ids)
    )
    return visitor.goto(back, count, f"{spec.path}/restore", ids)


async def restore(visitor: Visitor, spec: ModelSpec) -> Response:
    """Take records out of the recycle bin."""
    ids = chosen(await visitor.form())

    async def body(work: Work) -> None:
        for one in ids:
            await work.restore(await work.get(spec.model, one))

    await visitor.site.kernel.operations.run(visitor.caller, body)
    back = address(spec, ids[0]) if len(ids) == 1 else spec.path
    return visitor.goto(back, visitor.ngettext("%(shown)s record is back", "%(shown)s records are back", len(ids)))


async def purge(visitor: Visitor, spec: ModelSpec) -> Response:
    """Remove a record of the recycle bin for good."""
    await visitor.site.kernel.operations.purge(visitor.caller, spec.model, visitor.id())
    return visitor.goto(f"/bin?model={spec.label}", visitor.gettext("Removed for good"))
