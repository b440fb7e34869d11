"""The closed lists of words that sales chooses from."""

from __future__ import annotations

from enum import Enum


class Industry(Enum):
    """What a company's business is."""

    AGRICULTURE = "agriculture"
    CONSTRUCTION = "construction"
    EDUCATION = "education"
    EMPLOYMENT = "employment"
    ENERGY = "energy"
    ENTERTAINMENT = "entertainment"
    FINANCE = "finance"
    FOOD = "food"
    GOVERNMENT = "government"
    LOGISTICS = "logistics"
    MANUFACTURING = "manufacturing"
    MARKETING = "marketing"
    MEDICAL = "medical"
    PROPERTY = "property"
    RETAIL = "retail"
    SERVICES = "services"
    SOFTWARE = "software"
    TECHNOLOGY = "technology"
    TELECOMMUNICATIONS = "telecommunications"
    OTHER = "other"


class Level(Enum):
    """How much a customer or lead matters, which decides how it is looked after."""

    KEY = "key"
    NORMAL = "normal"
    MINOR = "minor"


class Source(Enum):
    """The channel that a contact came through."""

    CAMPAIGN = "campaign"
    EVENT = "event"
    PHONE_ENQUIRY = "phone_enquiry"
    REFERRAL = "referral"
    WEBSITE = "website"
    PARTNER = "partner"
    OTHER = "other"


class LeadStatus(Enum):
    """How far a lead has come."""

    NEW = "new"
    CONTACTED = "contacted"
    QUALIFIED = "qualified"
    UNQUALIFIED = "unqualified"
    CONVERTED = "converted"


class DecisionRole(Enum):
    """What somebody has to say in a purchase."""

    DECISION_MAKER = "decision_maker"
    INFLUENCER = "influencer"
    BUYER = "buyer"
    END_USER = "end_user"
    GATEKEEPER = "gatekeeper"
    OTHER = "other"


class StageKind(Enum):
    """Whether an opportunity in a stage is still open."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class Reason(Enum):
    """Why an opportunity was won or lost."""

    PRICE = "price"
    PRODUCT = "product"
    SERVICE = "service"
    RELATIONSHIP = "relationship"
    TIMING = "timing"
    BUDGET = "budget"
    COMPETITOR = "competitor"
    NO_DECISION = "no_decision"
    OTHER = "other"


class Method(Enum):
    """How somebody was contacted."""

    PHONE = "phone"
    EMAIL = "email"
    VISIT = "visit"
    SMS = "sms"
    OTHER = "other"


class OrderState(Enum):
    """How far an order has come."""

    DRAFT = "draft"
    CONFIRMED = "confirmed"
    SHIPPED = "shipped"
    VOID = "void"


class OrderKind(Enum):
    """What an order is for."""

    SALES = "sales"
    PROJECT = "project"


class PaymentMethod(Enum):
    """How a customer pays."""

    BANK_TRANSFER = "bank_transfer"
    CASH = "cash"
    CARD = "card"
    CHEQUE = "cheque"
    ONLINE = "online"
    OTHER = "other"
