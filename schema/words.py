"""The types that every schema has, whatever its plugins: scalars, amounts, page info, filters by kind of field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import strawberry
from strawberry.scalars import JSON

from core.access import Scope
from core.conditions import Op
from core.query import COUNT_CAP, Archived, Bucket, Function, Info
from schema.declare import blank, enum_type, field, fill, given, input_type, output_type, several

TRUTH = "Whether it is empty: nothing was entered"

Direction = enum_type(
    "Direction", {"ASC": "asc", "DESC": "desc"}, "Upwards or downwards; empty values come last either way"
)
ArchivedEnum = enum_type(
    "Archived", {one.name: one.value for one in Archived}, "Whether records in the recycle bin are meant"
)
BucketEnum = enum_type(
    "Bucket", {one.name: one.value for one in Bucket}, "The width of a group of dates; weeks begin on Monday"
)
FunctionEnum = enum_type(
    "Function",
    {
        "COUNT": "count",
        "SUM": "sum",
        "AVERAGE": "average",
        "MIN": "min",
        "MAX": "max",
        "MEDIAN": "median",
        "P90": "p90",
    },
    "What is computed of a group; percentiles are values that occur (the nearest rank)",
)
FUNCTIONS = {one.value: one for one in Function}

Money = output_type(
    "Money",
    {
        "amount": field(str, "In major units, with all digits of the currency: 12.00"),
        "currency": field(str, "Three letters (ISO 4217): USD"),
    },
    "An amount with its currency",
)
MoneyInput = input_type(
    "MoneyInput",
    {
        "amount": given(Decimal, "In major units; no more digits than the currency has"),
        "currency": given(str, "Three letters (ISO 4217): USD"),
    },
    "An amount with its currency",
)
Position = output_type(
    "Position", {"latitude": field(float), "longitude": field(float)}, "A place on the earth (WGS 84)"
)
PositionInput = input_type(
    "PositionInput", {"latitude": given(float), "longitude": given(float)}, "A place on the earth (WGS 84)"
)
Problem = output_type(
    "Problem",
    {
        "field": field(str | None, "The input field at fault; null when it is the whole"),
        "code": field(str, "What kind of fault, for programs"),
        "message": field(str, "What to do, for people, in the language of the caller"),
    },
    "Something that the user can mend; nothing was changed",
)
Node = fill(
    blank("Node"), {"id": field(strawberry.ID, "Unique among all records")}, "A record of any kind", is_interface=True
)
PAGE_INFO: Mapping[str, Info] = {one.value: one for one in Info}
PageInfo = output_type(
    "PageInfo",
    {
        "hasNextPage": field(bool, "Whether more records follow"),
        "hasPreviousPage": field(bool, "Whether records precede"),
        "startCursor": field(str | None, "The cursor of the first record"),
        "endCursor": field(str | None, "The cursor of the last record"),
    },
    "Where a page stands in its list",
)
TOTAL = f"How many there are in all, counted up to {COUNT_CAP}; {COUNT_CAP + 1} means more"

SummaryGroup = output_type(
    "SummaryGroup",
    {
        "field": field(str, "The path that is grouped by: stage, customer.industry"),
        "value": field(JSON | None, "The common value: a choice's name, a record's id, the first day of a period"),
        "label": field(str | None, "The title of the record, where the value is one and may be seen"),
    },
    "What the records of a row have in common",
)
SummaryMeasure = output_type(
    "SummaryMeasure",
    {
        "function": field(FunctionEnum),
        "field": field(str | None, "The field; null for the number of records"),
        "value": field(JSON | None, "A number; a decimal or a date as text; null of money"),
        "amounts": field(several(Money), "Of money: one amount for each currency that occurs"),
    },
    "A figure of a row",
)
SummaryRow = output_type(
    "SummaryRow",
    {
        "groups": field(several(SummaryGroup), "In the order of groupBy"),
        "measures": field(several(SummaryMeasure), "In the order of measures"),
    },
    "A group of records and its figures",
)
PurgePayload = output_type(
    "PurgePayload",
    {
        "ids": field(list[strawberry.ID], "What is gone"),
        "errors": field(several(Problem), "What to mend; empty on success"),
    },
    "What a removal did",
)
NotifiedPayload = output_type(
    "NotifiedPayload",
    {
        "ids": field(list[strawberry.ID], "What was named"),
        "errors": field(several(Problem), "What to mend; empty on success"),
    },
    "What became of notifications",
)
ViewPayload = output_type(
    "ViewPayload",
    {
        "id": field(strawberry.ID | None, "The view"),
        "errors": field(several(Problem), "What to mend; empty on success"),
    },
    "What became of a view of a list",
)
EditPayload = output_type(
    "EditPayload",
    {
        "written": field(bool, "Whether anything was changed; never of a preview"),
        "changed": field(int, "How many become other than they were"),
        "same": field(int, "How many are like that already"),
        "refused": field(int, "How many stay as they are, because of what stands in the way"),
        "mark": field(str | None, "Names what was found, to be given as `seen` when it is done"),
        "ids": field(list[strawberry.ID], "What was changed, or would be"),
        "examples": field(
            several(
                output_type(
                    "EditExample",
                    {
                        "id": field(strawberry.ID),
                        "title": field(str),
                        "changes": field(JSON, "The value before and after, by field"),
                    },
                    "A record that changes",
                )
            ),
            "Some of those that change",
        ),
        "kept": field(
            several(
                output_type(
                    "EditRefusal",
                    {
                        "id": field(strawberry.ID),
                        "title": field(str),
                        "message": field(str, "What stands in the way, in the language of the caller"),
                    },
                    "A record that stays as it is",
                )
            ),
            "Some of those that are refused",
        ),
        "errors": field(several(Problem), "What to mend before anything is looked at"),
    },
    "What a change of many records did, or would do",
)
AccountPayload = output_type(
    "AccountPayload",
    {
        "done": field(bool, "Whether it was done"),
        "errors": field(several(Problem), "What to mend; empty on success"),
    },
    "What became of the caller's own account",
)
TokenPayload = output_type(
    "TokenPayload",
    {
        "token": field(str | None, "The token's text, which is told this once"),
        "errors": field(several(Problem), "What to mend; empty on success"),
    },
    "A new token",
)
UndoPayload = output_type(
    "UndoPayload",
    {
        "ids": field(list[strawberry.ID], "What is as it was"),
        "errors": field(several(Problem), "What to mend; empty on success"),
    },
    "What was taken back",
)
SharePayload = output_type(
    "SharePayload",
    {
        "id": field(strawberry.ID | None, "The id of the share, by which coreUnshare ends it"),
        "errors": field(several(Problem), "What to mend; empty on success"),
    },
    "What a share did",
)
Lookalikes = output_type(
    "Lookalikes",
    {
        "nodes": field(
            several(
                output_type(
                    "Lookalike",
                    {"id": field(strawberry.ID), "title": field(str), "record": field(Node | None)},
                    "A record that shares a whole name, phone number or mail address with the new one",
                )
            ),
            "Those that the caller may see, a few of each model",
        ),
        "hidden": field(int, "How many there are beside all that he may see, of whom nothing else is told"),
    },
    "What looks like a new record",
)
ReachScope = enum_type("ReachScope", {one.name: one.value for one in Scope}, "Which records a permission reaches")
Ground = output_type(
    "Ground",
    {
        "permission": field(str, "sales.customer.read"),
        "scope": field(ReachScope | None, "What the grant reaches; null of a share"),
        "role": field(str | None, "The name of the role that grants it, or that it is shared with"),
        "share": field(strawberry.ID | None, "The id of the share, where it is one"),
        "writes": field(bool, "Whether the share lets him change it, too"),
        "reason": field(str | None, "Why it was shared"),
        "expiresAt": field(datetime | None, "Until when it is shared"),
    },
    "One reason why a user sees a record",
)


def _operators(name: str, annotation: Any, operators: tuple[Op, ...], description: str) -> Any:
    fields = {}
    for one in operators:
        wanted = {Op.IN: several(annotation), Op.EMPTY: bool}.get(one, annotation)
        fields[one.value] = given(wanted | None, TRUTH if one is Op.EMPTY else "")
    return input_type(name, fields, description)


RANGE = (Op.EQ, Op.IN, Op.LT, Op.LTE, Op.GT, Op.GTE, Op.EMPTY)
TextFilter = _operators(
    "TextFilter", str, (Op.EQ, Op.IN, Op.CONTAINS, Op.STARTS, Op.EMPTY), "Text, without regard to case and width"
)
IdFilter = _operators("IdFilter", strawberry.ID, (Op.EQ, Op.IN), "Ids; one that no record has matches nothing")
IntFilter = _operators("IntFilter", int, RANGE, "Whole numbers")
DecimalFilter = _operators("DecimalFilter", Decimal, RANGE, "Numbers")
MoneyFilter = _operators(
    "MoneyFilter",
    MoneyInput,
    tuple(one for one in RANGE if one is not Op.IN),
    "Amounts; of another currency matches nothing",
)
BooleanFilter = _operators("BooleanFilter", bool, (Op.EQ,), "Yes or no")
DateFilter = _operators("DateFilter", date, RANGE, "Days")
DateTimeFilter = _operators("DateTimeFilter", datetime, RANGE, "Points in time")
ListFilter = _operators("ListFilter", str, (Op.HAS, Op.EMPTY), "Lists of texts")
EmptyFilter = _operators("EmptyFilter", bool, (Op.EMPTY,), "Whether there is a value")


def choice_filter(name: str, choices: Any) -> Any:
    """The filter of a choice."""
    return _operators(name, choices, (Op.EQ, Op.IN, Op.EMPTY), "One of the choices")
