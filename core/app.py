"""The kernel of one booted app: its parts, wired by `tradepost.app` and handed to the surfaces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.accounts import Accounts
    from core.company import Companies
    from core.database import Database
    from core.egress import Egress
    from core.events import Outbox
    from core.explanations import Explanations
    from core.files import Files
    from core.finder import Engine, Finder
    from core.history import History
    from core.languages import Languages
    from core.live import Hub
    from core.mail import Mailer
    from core.notifications import Notifications
    from core.oidc import Elsewhere
    from core.operations import Operations
    from core.options import Options
    from core.passkeys import Passkeys
    from core.policies import Policies
    from core.reading import Reader
    from core.registry import Registry
    from core.renewal import Renewal
    from core.resets import Resets
    from core.second_step import SecondStep
    from core.settings import Settings
    from core.sign_in import SignIn
    from core.views import Views


@dataclass(frozen=True)
class Kernel:
    """All that surfaces ask: who is it, what may he see, what may he change. Each app has its own.

    It is a value: `renewal` makes another one when the registry changes.
    """

    registry: Registry
    settings: Settings
    database: Database
    policies: Policies
    reader: Reader
    outbox: Outbox
    operations: Operations
    files: Files
    sign_in: SignIn
    accounts: Accounts
    resets: Resets
    second_step: SecondStep
    passkeys: Passkeys
    elsewhere: Elsewhere
    egress: Egress
    engine: Engine
    finder: Finder
    languages: Languages
    views: Views
    history: History
    companies: Companies
    options: Options
    mailer: Mailer
    explanations: Explanations
    notifications: Notifications
    hub: Hub
    renewal: Renewal

    async def close(self) -> None:
        """Finish what is under way, then let go of connections and files."""
        await self.hub.close()
        await self.sign_in.close()
        await self.engine.close()
        await self.database.close()
