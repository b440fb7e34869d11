"""What visits remember: who visits whom and how often, what is done there, and each visit with its facts."""

from __future__ import annotations

from plugins.visits.choices import AnswerKind, Excuse, Importance, VisitState
from plugins.visits.routing import Why
from tradepost import Meta, Model, User
from tradepost.fields import boolean, choice, date, decimal, integer, link, moment, note, position, tags, text
from tradepost.sales import Customer


class SiteClass(Model):
    """How often the sites of a class are visited, and for how long."""

    meta = Meta(plural="site_classes", order=("name",), key=("name",))

    name = text(80, required=True, unique=True, search=True, help="A, B, C, for example")
    every_days = integer(default=14, minimum=1, label="Every so many days", help="From one visit to the next")
    minutes = integer(default=30, minimum=1, label="Minutes on site")
    importance = choice(Importance, default=Importance.NORMAL, help="Who goes first when not everybody can be visited")
    description = note()


class VisitForm(Model):
    """What is done and entered at a visit."""

    meta = Meta(order=("name",), key=("name",))

    name = text(120, required=True, unique=True, search=True)
    description = note()


class FormQuestion(Model):
    """Something to be entered at a visit: a number, a choice, a photo or a note."""

    meta = Meta(part_of="form", order=("form.name", "place"), key=("form.name", "question"), title="question")

    form = link(VisitForm, required=True, back="questions")
    question = text(200, required=True)
    kind = choice(AnswerKind, default=AnswerKind.NUMBER)
    options = tags(label="Choices", help="Of a choice: what can be chosen")
    unit = text(32, help="Of a number: what it counts")
    required = boolean(label="Needed before one leaves")
    place = integer(default=0, minimum=0, help="Questions are asked in the order of their places")


class VisitPlan(Model):
    """Who visits which sites, and what is done there."""

    meta = Meta(order=("name",), key=("name",), title="name")

    name = text(120, required=True, search=True)
    form = link(VisitForm, back="plans", help="What is done and entered at each visit")
    description = note()
    routing_since = moment(readonly=True, help="Routes are being planned since then")
    routed_at = moment(readonly=True, help="When routes were planned last")
    routed_visits = integer(readonly=True, label="Visits in routes")
    routed_left = integer(readonly=True, label="Visits that did not fit")
    routed_metres = integer(readonly=True, label="Way of the routes in metres")
    fault = text(255, readonly=True, label="What went wrong", help="When routes were planned last")


class Traveller(Model):
    """Somebody who travels for a plan, with working hours, and where the day begins and ends."""

    meta = Meta(part_of="plan", order=("name",), title="name", key=("plan.name", "user.login"))

    plan = link(VisitPlan, required=True, back="travellers")
    name = text(120, help="Of nothing the name of the user")
    user = link(User, required=True)
    begins = text(5, default="09:00", help="Hours and minutes: 09:00")
    ends = text(5, default="18:00", help="Hours and minutes: 18:00")
    days = tags(label="Days of the week", help="mon, tue, wed …; empty: Monday to Friday")
    start = position(label="Where the day begins")
    end = position(label="Where the day ends", help="Empty: where it began")


class Site(Model):
    """A place of a customer that is visited: a shop, a branch, a warehouse."""

    meta = Meta(order=("name",), key=("customer.name", "name"), indexes=(("plan", "next_due"),))

    name = text(200, required=True, search=True)
    customer = link(Customer, required=True, back="sites")
    plan = link(VisitPlan, back="sites", help="Of no plan: it is visited when somebody makes a visit")
    site_class = link(SiteClass, back="sites", label="Class")
    user = link(User, label="Always visited by", help="Empty: by whoever of the plan it fits best")
    every_days = integer(minimum=1, label="Every so many days", help="Empty: as its class")
    minutes = integer(minimum=1, label="Minutes on site", help="Empty: as its class")
    opens = text(5, help="Hours and minutes: 09:00; empty: always open")
    closes = text(5, help="Hours and minutes: 18:00")
    closed_days = tags(label="Closed on", help="Days of the week: sat, sun")
    address = text(255, search=True)
    position = position(help="Empty: where the customer is")
    remark = note(help="Where to park, whom to ask for")
    last_visit = date(readonly=True)
    next_due = date(readonly=True, help="When it is to be visited next")


class Visit(Model):
    """A visit of a site: when it is planned, and what came of it."""

    meta = Meta(
        title="subject",
        order=("-day", "place"),
        indexes=(("owner", "day"), ("plan", "state"), ("state", "day"), ("site", "day")),
    )

    subject = text(200, search=True, help="Empty: the name of the site")
    site = link(Site, required=True, back="visits")
    customer = link(Customer, back="visits", readonly=True)
    plan = link(VisitPlan, back="visits")
    form = link(VisitForm, back="visits", help="Empty: the form of the plan")
    day = date(help="The day for which it is planned; empty: the route says")
    remark = note(search=True, help="What was talked about and agreed")
    state = choice(VisitState, default=VisitState.DUE, readonly=True)
    due = date(readonly=True, help="When the site is to be visited by its class")
    place = integer(readonly=True, label="Order", help="Its place in the route of the day")
    planned_at = moment(readonly=True)
    planned_until = moment(readonly=True)
    way = integer(readonly=True, label="Way there in metres")
    locked = boolean(readonly=True, label="Promised", help="A new route keeps its day, its time and who comes")
    unfit = choice(Why, readonly=True, label="In no route because")
    arrived_at = moment(readonly=True)
    arrived_position = position(readonly=True)
    arrived_metres = integer(readonly=True, label="Metres from the site on arrival")
    late_minutes = integer(readonly=True, label="Minutes late")
    left_at = moment(readonly=True)
    left_position = position(readonly=True)
    left_metres = integer(readonly=True, label="Metres from the site on leaving")
    minutes = integer(readonly=True, label="Minutes on site")
    doubtful = boolean(readonly=True, help="Checked in or out without a position, or too far from the site")
    excuse = choice(Excuse, readonly=True, label="Called off because")


class Answer(Model):
    """What was entered at a visit."""

    meta = Meta(part_of="visit", order=("created_at",), title="question", indexes=(("field", "created_at"),))

    visit = link(Visit, required=True, back="answers")
    field = link(FormQuestion, required=True, back="answers", label="Question of the form")
    question = text(200, help="Empty: as the form asks it")
    number = decimal(4)
    chosen = text(64)
    remark = note()
    photo = text(255, readonly=True, help="The name of the file on the visit")
