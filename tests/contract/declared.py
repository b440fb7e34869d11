"""What plugins declare beside their models: pages and questions, asked by every kind of caller."""

from __future__ import annotations

from typing import Any

from core.fields import Kind as Holds
from core.fields import Traits
from core.money import Money
from core.pages import path_of
from core.questions import AnswerShape, Question
from core.registry import ModelSpec, camel
from schema.catalogue import catalogue
from tests.contract.company import Slot, word
from tests.contract.evaluator import Kind
from tests.contract.visits import Visit

Ids = set[Any]


async def plugin_pages(visit: Visit, spec: ModelSpec) -> Ids:
    """Pages of plugins: they show nothing of what may not be seen, and open for those who have their permission."""
    opened: Ids = set()
    for plugin, page in visit.kernel.registry.declared("tradepost_pages"):
        if page.show is None or page.public or "{" in page.path:
            continue
        response = await visit.get(path_of(plugin, page))
        assert response.status_code in (200, 303, 403), (plugin, page.path, response.status_code)
        opened |= {path_of(plugin, page)} if response.status_code == 200 else set()
    for one in visit.surfaced:
        if one.resource.advice:  # asked with the words that stand in the titles of each model
            for other in _own(visit, one.plugin):
                await visit.get(f"/{one.plugin}/{one.resource.advice}?{one.title}={word(other)}".replace("_", "-"))
    return opened


def _own(visit: Visit, plugin: str) -> list[str]:
    return [one.label for one in visit.surfaced if one.plugin == plugin]


def opened_to(visit: Visit, spec: ModelSpec) -> Ids:
    registry = visit.kernel.registry
    pages = [(plugin, one) for plugin, one in registry.declared("tradepost_pages") if one.show and not one.public]
    granted = visit.kind is not Kind.NO_RIGHTS
    return {
        path_of(plugin, one)
        for plugin, one in pages
        if "{" not in one.path and visit.kind.pages and (granted or not one.permission)
    }


async def questions(visit: Visit, spec: ModelSpec) -> Ids:
    """Questions of plugins, asked about records that may not be seen: they tell nothing of them."""
    for name, root in catalogue(visit.kernel.registry).roots.items():
        if root.question is not None:
            for label in _own(visit, root.label):
                given = _arguments(visit, root.question, label)
                await visit.ask(f"{{ {name}{given} {_selected(root.question.result)} }}")
    return set()


def _arguments(visit: Visit, question: Question, label: str) -> str:
    """What a question must be given: the word in the titles of a model, or the model where it asks for one."""
    texts = {name: label if name == "model" else word(label) for name in question.arguments}
    required = {name: traits for name, traits in question.arguments.items() if traits.required}
    given = {name: _literal(visit, traits, texts[name]) for name, traits in required.items()}
    return f"({', '.join(f'{camel(name)}: {value}' for name, value in given.items())})" if given else ""


def _literal(visit: Visit, traits: Traits, text: str) -> str:
    if traits.kind is Holds.LINK and isinstance(traits.target, type):
        label = visit.kernel.registry.spec(traits.target).label
        return f'"{visit.company.at(label, Slot.FAR).id}"'
    literals = {Holds.INTEGER: "1", Holds.BOOLEAN: "true", Holds.DATE: '"2026-01-01"'}
    return literals.get(traits.kind, '"2026-01-01T00:00:00Z"' if traits.kind is Holds.MOMENT else f'"{text}"')


def _selected(shape: AnswerShape) -> str:
    if shape.type is Money:
        return "{ amount currency }"
    parts = [f"{camel(name)} {_selected(one)}" for name, one in shape.parts.items()]
    return f"{{ {' '.join(parts)} }}" if parts else ""
