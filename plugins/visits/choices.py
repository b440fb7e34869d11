"""The words that visits choose from."""

from __future__ import annotations

from enum import Enum


class VisitState(Enum):
    """Where a visit stands."""

    DUE = "due"
    PLANNED = "planned"
    ONGOING = "ongoing"
    DONE = "done"
    CALLED_OFF = "called_off"


class Importance(Enum):
    """Who goes first when not everybody can be visited."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class Excuse(Enum):
    """Why a visit does not take place."""

    CLOSED = "closed"
    ABSENT = "absent"
    POSTPONED = "postponed"
    NO_TIME = "no_time"
    NOT_NEEDED = "not_needed"
    OTHER = "other"


class AnswerKind(Enum):
    """What is entered on site."""

    NUMBER = "number"
    CHOICE = "choice"
    PHOTO = "photo"
    NOTE = "note"


OPEN = (VisitState.DUE, VisitState.PLANNED)
BEGUN = (VisitState.ONGOING, VisitState.DONE)
