"""Our exceptions. Each carries a code that pages, GraphQL and the command line translate in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


class TradepostError(Exception):
    """Anything that Tradepost itself refuses or reports."""

    code: str = "error"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that the user can mend: which field, what kind of fault, and what to do.

    `message` is an English sentence with `%(name)s` places for `values`, translated when it is shown.
    """

    message: str
    field: str | None = None
    code: str = "invalid"
    values: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        text = self.message % dict(self.values) if self.values else self.message
        return f"{self.field}: {text}" if self.field else text


class Refused(TradepostError):
    """The input or the state of the record forbids it; the user can mend it. Nothing was changed."""

    code = "invalid"

    def __init__(
        self,
        message: str = "",
        *,
        field: str | None = None,
        code: str = "invalid",
        problems: Sequence[Problem] = (),
        **values: object,
    ) -> None:
        filled = tuple((key, str(value)) for key, value in values.items())
        self.problems: tuple[Problem, ...] = tuple(problems) or (Problem(message, field, code, filled),)
        super().__init__("; ".join(str(problem) for problem in self.problems))


class Conflict(TradepostError):
    """Someone else changed the record since it was read; `theirs` and `yours` show both values by field."""

    code = "conflict"

    def __init__(self, theirs: Mapping[str, object], yours: Mapping[str, object]) -> None:
        super().__init__("The record was changed by someone else in the meantime")
        self.theirs = dict(theirs)
        self.yours = dict(yours)


class NotFound(TradepostError):
    """No such record, or none that the caller may see: both read the same."""

    code = "not_found"

    def __init__(self) -> None:
        super().__init__("Not found")


class Forbidden(TradepostError):
    """The caller lacks a permission; `permission` names it (`sales.customer.create`)."""

    code = "forbidden"

    def __init__(self, permission: str) -> None:
        super().__init__(f"You do not have the permission {permission}")
        self.permission = permission


class SecondFactorNeeded(TradepostError):
    """The password was right; with this secret the second factor is asked for, and nothing else."""

    code = "second_factor"

    def __init__(self, secret: str) -> None:
        super().__init__("Your second factor is needed")
        self.secret = secret


class Unauthenticated(TradepostError):
    """Nobody is signed in, or the session or token has ended."""

    code = "unauthenticated"

    def __init__(self) -> None:
        super().__init__("Please sign in")


class UnknownField(TradepostError):
    """A field that does not exist or may not be read: both read the same."""

    code = "unknown_field"

    def __init__(self, model: str, field: str) -> None:
        super().__init__(f"{model} has no field {field}")
        self.model = model
        self.field = field


class BadQuery(TradepostError):
    """The question is malformed: a cursor from elsewhere, a page size out of range, an operator of another kind."""

    code = "bad_query"


class Stale(TradepostError):
    """Internal: the rights that a statement was compiled with are out of date; the read is made again."""

    code = "stale"


class DoorShut(TradepostError):
    """Code tried to reach the database past `query` and `operations`."""

    code = "door_shut"


class BootError(TradepostError):
    """The plugins do not fit together; lists every fault, each with the plugin's name and the remedy."""

    code = "boot"

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("Tradepost cannot start:\n" + "\n".join(f"- {fault}" for fault in faults))
        self.faults = tuple(faults)


class SettingsError(TradepostError):
    """A setting is missing or wrong; the message names it and the remedy."""

    code = "settings"


class SearchUnavailable(TradepostError):
    """The search engine does not answer; the rest of the product works."""

    code = "search_unavailable"


class FilesUnavailable(TradepostError):
    """The storage of files does not answer, or refuses; the rest of the product works."""

    code = "files_unavailable"


class TooLarge(TradepostError):
    """An upload or a request exceeds its limit; the message states the limit, `problem` keeps it for translation."""

    code = "too_large"

    def __init__(self, message: str, **values: object) -> None:
        filled = tuple((key, str(value)) for key, value in values.items())
        self.problem = Problem(message, None, self.code, filled)
        super().__init__(str(self.problem))
