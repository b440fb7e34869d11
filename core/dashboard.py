"""What a plugin puts on the home page: panels, each a question in the words of a list's address."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from core.model import Model


class Shape(Enum):
    """How a panel answers."""

    RECORDS = "records"
    FUNNEL = "funnel"
    AVERAGES = "averages"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the home page; it is shown to those who may read the model, and leads to the records behind it.

    - `query`: which records, as the address of their list says it: `stage.kind=open&owner=me&_sort=next_contact`.
    - `shape`: the first records; a funnel of `by`; the average of a number for each `by`; or this month against the
      last, by the day `by`.
    - `by`: the link that a funnel or averages go along, or the day that months are told from.
    - `figure`: the money field that funnel and months sum, without which they count; the number that is averaged.
    - `columns`: what `RECORDS` shows beside the title.
    """

    title: str
    model: type[Model]
    query: str = ""
    shape: Shape = Shape.RECORDS
    by: str = ""
    figure: str = ""
    columns: tuple[str, ...] = ()
    place: int = 50
