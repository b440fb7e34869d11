"""What anybody may do: fill in a form, and unsubscribe. Whoever is signed in is nobody here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import compare_digest
from typing import Any
from uuid import UUID

from plugins.marketing.choices import SuppressionReason
from plugins.marketing.models import Enquiry, Form, FormQuestion, Recipient, Suppression
from tradepost import Field, NotFound, Refused, Work
from tradepost.fields import email, note, phones, text
from tradepost.pages import Entered, Reply, Visit
from tradepost.sales import Lead

TRAP = "homepage"
"""A field that people do not see; programs that fill in everything fill it in, too."""

FORM, LEAVING = "a public form is filled in", "somebody unsubscribes with the link of a mail"
LONGEST = 200


# Forms


@dataclass(frozen=True)
class Shown:
    """A form with its own questions, as plain values."""

    form: Form
    questions: tuple[FormQuestion, ...]

    def inputs(self, visit: Visit) -> Mapping[str, Field[Any]]:
        """What it asks."""
        form = self.form
        found: dict[str, Field[Any]] = {
            "company": text(200, label=visit.gettext("Company")),
            "person": text(120, required=True, label=visit.gettext("Your name")),
            "email": email(required=True, label=visit.gettext("E-mail")),
        }
        if form.asks_phone:
            found["phones"] = phones(label=visit.gettext("Phone number"))
        if form.asks_post:
            found["post"] = text(120, label=visit.gettext("What you do there"))
        if form.asks_address:
            found["address"] = text(255, label=visit.gettext("Postal address"))
        if form.asks_message:
            found["message"] = note(label=visit.gettext("Your message"))
        for number, one in enumerate(self.questions):
            found[f"q{number}"] = text(500, required=one.required, label=one.question)
        return found


async def _form(visit: Visit) -> Shown:
    """The form at an address, while it is active; it is for everybody to see."""
    where = Form.address.eq(visit.param("address")) & Form.active.eq(True)

    async def body(work: Work) -> Shown | None:
        found = await work.find(Form, where=where, limit=1)
        if not found:
            return None
        asked = await work.find(FormQuestion, where=FormQuestion.form.eq(found[0]), order=("place", "created_at"))
        return Shown(found[0], tuple(asked))

    shown = await visit.receive(FORM, body)
    if shown is None:
        raise NotFound
    return shown


async def show_form(visit: Visit) -> Reply:
    """The form, empty."""
    shown = await _form(visit)
    return _drawn(visit, shown, None)


def _drawn(visit: Visit, shown: Shown, entered: Entered | None, wrong: str = "") -> Reply:
    return visit.show(
        "form.html",
        status=422 if entered else 200,
        form=shown.form,
        controls=visit.controls(shown.inputs(visit), entered),
        trap=TRAP,
        wrong=wrong,
        sent=False,
    )


async def take_form(visit: Visit) -> Reply:
    """Somebody has filled in a form: a lead, of the form's owner, from its campaign."""
    shown = await _form(visit)
    entered = await visit.entered(shown.inputs(visit))
    if entered.problems:
        return _drawn(visit, shown, entered)
    try:
        await visit.limit("form", 10, 10)
    except Refused as refusal:
        (one,) = refusal.problems
        return _drawn(visit, shown, entered, visit.gettext(one.message, **dict(one.values)))
    if not any(await visit.sent(TRAP)):  # a program is thanked, too, and tries no other way
        await visit.receive(FORM, lambda work: _enquire(work, shown, entered.values))
    return visit.show("form.html", form=shown.form, controls=(), trap=TRAP, wrong="", sent=True)


async def _enquire(work: Work, shown: Shown, values: Mapping[str, Any]) -> Enquiry:
    form = shown.form
    said = [values["message"]] if values.get("message") else []
    said += [f"{one.question}: {values[f'q{n}']}" for n, one in enumerate(shown.questions) if values.get(f"q{n}")]
    owner = {"owner": form.owner.id} if form.owner else {}
    lead = await work.create(
        Lead,
        company=values.get("company") or values["person"],
        person=values["person"],
        email=values["email"],
        source=form.source,
        remark="\n".join(said) or None,
        **{name: values[name] for name in ("phones", "post", "address") if values.get(name)},
        **owner,
    )
    return await work.create(
        Enquiry,
        summary=f"{lead.company}: {form.name}"[:LONGEST],
        form=form,
        campaign=form.campaign,
        lead=lead,
        answers="\n".join(said) or None,
        **owner,
    )


# Unsubscribing


async def show_leave(visit: Visit) -> Reply:
    """Ask whether to unsubscribe: a link that a mail program opens beforehand changes nothing."""
    recipient = await _recipient(visit)
    return visit.show("leave.html", address=recipient.address if recipient else "", left=False)


async def take_leave(visit: Visit) -> Reply:
    """Never send mailings to this address again; of a mail program (RFC 8058) or a person."""
    recipient = await _recipient(visit)
    if recipient is None:
        return visit.show("leave.html", address="", left=False)

    async def body(work: Work) -> None:
        (now,) = await work.locked(Recipient, [recipient.id])
        known = await work.find(Suppression, where=Suppression.address.eq(now.address), limit=1)
        if not known:
            await work.create(Suppression, address=now.address, reason=SuppressionReason.UNSUBSCRIBED)
        if now.left_at is None:
            await work.change(now, left_at=work.now)

    await visit.receive(LEAVING, body)
    return visit.show("leave.html", address=recipient.address, left=True)


async def _recipient(visit: Visit) -> Recipient | None:
    """To whom the link was sent; `None` for that of a test mail."""
    told = visit.param("token")
    if told == "test":
        return None
    await visit.limit("leave", 600, 10)
    record, _, token = told.partition("-")

    async def body(work: Work) -> Recipient:
        return await work.get(Recipient, _id(record))

    found = await visit.receive(LEAVING, body)
    if not compare_digest(str(found.token).encode(), token.encode()):
        raise NotFound
    return found


def _id(text: str) -> UUID:
    try:
        return UUID(hex=text)
    except ValueError:
        raise NotFound from None
