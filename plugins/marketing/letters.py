"""The mail to each person: the text of a mailing with what is known of him, its files, and the way out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from plugins.marketing.merging import Person, merged, paths_of
from plugins.marketing.models import Mailing, Recipient
from tradepost import Office
from tradepost.mail import Mail, MailFile
from tradepost.sales import Contact, Customer

LEAVE = "/marketing/leave/"
NOT_ANY_MORE = "Unsubscribe"


@dataclass(frozen=True)
class Letters:
    """Writes the mails of a mailing."""

    mailing: Mailing
    zone: str
    base: str
    files: Sequence[MailFile]

    @classmethod
    async def of(cls, office: Office, mailing: Mailing, zone: str) -> Letters:
        """With the files that are attached to the mailing."""
        files = []
        for one in await office.files(mailing):
            attachment, stream = await office.open(one.id)
            content = b"".join([part async for part in stream])
            files.append(MailFile(attachment.name, attachment.media_type, content))
        return cls(mailing, zone, office.mailer.address(LEAVE), files)

    @property
    def of_customer(self) -> tuple[str, ...]:
        """What its merge fields read of a customer."""
        return paths_of("customer", self.mailing.subject, self.mailing.body, self.mailing.html)

    @property
    def of_contact(self) -> tuple[str, ...]:
        """What its merge fields read of a contact."""
        return paths_of("contact", self.mailing.subject, self.mailing.body, self.mailing.html)

    def to(self, recipient: Recipient, customer: Customer | None, contact: Contact | None) -> Mail:
        """The mail to a recipient."""
        person = Person(recipient.name or "", customer, contact)
        return self.write(recipient.address, person, str(recipient.id), f"{recipient.id.hex}-{recipient.token}")

    def write(self, address: str, person: Person, key: str, token: str) -> Mail:
        """The mail to an address."""
        way_out = f"{self.base}{token}"
        html = self.mailing.html or ""
        if html:
            html = merged(html, person, self.zone, html=True)
            html += f'<p><a href="{escape(way_out)}">{NOT_ANY_MORE}</a></p>'
        return Mail(
            to=address,
            subject=merged(self.mailing.subject or "", person, self.zone),
            text=f"{merged(self.mailing.body or '', person, self.zone)}\n\n-- \n{NOT_ANY_MORE}: {way_out}\n",
            key=key,
            html=html,
            headers={"List-Unsubscribe": f"<{way_out}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
            files=self.files,
        )
