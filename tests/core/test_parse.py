"""Every kind of field reads what people send, exactly, or refuses it by name."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from core.fields import Kind, Position, Traits
from core.money import Money, exponent
from core.parse import NOTHING, Assume, parse

ID = UUID("0199a000-0000-7000-8000-000000000001")
YEAR = timedelta(days=366)


class Stage(Enum):
    ENGAGING = "engaging"
    CLOSED_WON = "closed_won"


def read(kind, raw, assume=NOTHING, **traits):
    if kind is Kind.TEXT:
        traits.setdefault("max_length", 255)
    if kind in (Kind.PHONES, Kind.TAGS):
        traits.setdefault("max_length", 64)
    return parse("it", Traits(kind, **traits), raw, assume)


ACCEPTED = [
    (Kind.TEXT, "  Green tea ", {}, "Green tea"),
    (Kind.TEXT, "e\u0301", {}, "\u00e9"),
    (Kind.TEXT, 13800138000.0, {}, "13800138000"),
    (Kind.TEXT, "王小明", {}, "王小明"),
    (Kind.NOTE, "one\r\ntwo\tthree", {}, "one\ntwo\tthree"),
    (Kind.INTEGER, "1,234", {}, 1234),
    (Kind.INTEGER, "１２３", {}, 123),
    (Kind.INTEGER, "-7", {}, -7),
    (Kind.INTEGER, 3.0, {}, 3),
    (Kind.INTEGER, 2_147_483_647, {}, 2_147_483_647),
    (Kind.DECIMAL, "1.5", {"scale": 3}, Decimal("1.500")),
    (Kind.DECIMAL, "1,234.50", {"scale": 2}, Decimal("1234.50")),
    (Kind.DECIMAL, "1,234,567", {"scale": 2}, Decimal("1234567.00")),
    (Kind.DECIMAL, 0.1, {"scale": 2}, Decimal("0.10")),
    (Kind.MONEY, "12.00 USD", {}, Money(1200, "USD")),
    (Kind.MONEY, "usd 12", {}, Money(1200, "USD")),
    (Kind.MONEY, {"amount": "12.00", "currency": "KWD"}, {}, Money(12000, "KWD")),
    (Kind.MONEY, Money(5, "JPY"), {}, Money(5, "JPY")),
    (Kind.MONEY, {"amount": "", "currency": "USD"}, {}, None),
    (Kind.BOOLEAN, "on", {}, True),
    (Kind.BOOLEAN, "No", {}, False),
    (Kind.BOOLEAN, None, {"default": True, "required": True}, True),
    (Kind.BOOLEAN, "", {"required": True}, False),
    (Kind.DATE, "2026-11-22", {}, date(2026, 11, 22)),
    (Kind.DATE, datetime(2026, 11, 22, tzinfo=UTC), {}, date(2026, 11, 22)),
    (Kind.MOMENT, "2026-11-22T23:54:56.123456Z", {}, datetime(2026, 11, 22, 23, 54, 56, 123456, UTC)),
    (Kind.MOMENT, "2026-11-22 08:00+08:00", {}, datetime(2026, 11, 22, tzinfo=UTC)),
    (Kind.CHOICE, "engaging", {"choices": Stage}, Stage.ENGAGING),
    (Kind.CHOICE, "CLOSED_WON", {"choices": Stage}, Stage.CLOSED_WON),
    (Kind.CHOICE, "Closed won", {"choices": Stage}, Stage.CLOSED_WON),
    (Kind.EMAIL, " Li@Example.COM ", {}, "Li@example.com"),
    (Kind.URL, "www.example.com/a?b=1", {}, "https://www.example.com/a?b=1"),
    (Kind.URL, "http://例子.中国/", {}, "http://例子.中国/"),
    (Kind.PHONES, "+86  21 5555 0100;010-8888", {}, ("+86 21 5555 0100", "010-8888")),
    (Kind.PHONES, ["1-800-FLOWERS", 13800138000, "1-800-FLOWERS"], {}, ("1-800-FLOWERS", "13800138000")),
    (Kind.PHONES, "555 0100 ext. 12", {}, ("555 0100 ext. 12",)),
    (Kind.EMAILS, "a@example.com, b@example.com\na@example.com", {}, ("a@example.com", "b@example.com")),
    (Kind.TAGS, "VIP， 出口;vip", {}, ("VIP", "出口")),
    (Kind.TAGS, None, {}, ()),
    (Kind.POSITION, "31.2304, 121.4737", {}, Position(Decimal("31.230400"), Decimal("121.473700"))),
    (Kind.POSITION, {"latitude": "", "longitude": ""}, {}, None),
    (Kind.DATA, {"a": [1, None]}, {}, {"a": [1, None]}),
    (Kind.LINK, str(ID), {}, ID),
    (Kind.LINK, ID, {}, ID),
    (Kind.LINK, "", {}, None),
    (Kind.TEXT, "", {"default": "en"}, "en"),
]


@pytest.mark.parametrize(("kind", "raw", "traits", "value"), ACCEPTED)
def test_accepted(kind, raw, traits, value):
    found = read(kind, raw, **traits)
    assert (found, type(found)) == (value, type(value))


REFUSED = [
    (Kind.TEXT, "a\x00b", {}, "control_character"),
    (Kind.TEXT, "a\nb", {}, "control_character"),
    (Kind.TEXT, "\ud800", {}, "control_character"),
    (Kind.TEXT, "abc", {"max_length": 2}, "too_long"),
    (Kind.TEXT, True, {}, "invalid"),
    (Kind.TEXT, ["a"], {}, "invalid"),
    (Kind.TEXT, " ", {"required": True}, "required"),
    (Kind.INTEGER, "1.5", {}, "invalid"),
    (Kind.INTEGER, "1_000", {}, "invalid"),
    (Kind.INTEGER, "2147483648", {}, "out_of_range"),
    (Kind.INTEGER, True, {}, "invalid"),
    (Kind.INTEGER, "-1", {"minimum": 0}, "too_small"),
    (Kind.DECIMAL, "1.2345", {"scale": 3}, "too_precise"),
    (Kind.DECIMAL, "1,234", {"scale": 2}, "invalid"),
    (Kind.DECIMAL, "1e5", {"scale": 2}, "invalid"),
    (Kind.DECIMAL, "NaN", {"scale": 2}, "invalid"),
    (Kind.DECIMAL, float("inf"), {"scale": 2}, "invalid"),
    (Kind.DECIMAL, 0.1 + 0.2, {"scale": 2}, "too_precise"),
    (Kind.DECIMAL, Decimal("1E+30"), {"scale": 2}, "out_of_range"),
    (Kind.DECIMAL, Decimal("1E-999999999"), {"scale": 2}, "out_of_range"),
    (Kind.INTEGER, Decimal("1E-999999999"), {}, "out_of_range"),
    (Kind.MONEY, {"amount": Decimal("1E+999999999"), "currency": "USD"}, {}, "out_of_range"),
    (Kind.MONEY, {"amount": Decimal("1E-999999999"), "currency": "USD"}, {}, "out_of_range"),
    (Kind.POSITION, {"latitude": Decimal("1E+999999999"), "longitude": Decimal(0)}, {}, "out_of_range"),
    (Kind.DECIMAL, "99999999999999999999", {"scale": 2}, "out_of_range"),
    (Kind.MONEY, "12.00", {}, "currency_missing"),
    (Kind.MONEY, "12.001 USD", {}, "invalid"),
    (Kind.MONEY, "12 QQQ", {}, "invalid"),
    (Kind.MONEY, {"amount": "1", "currency": "USD", "x": 1}, {}, "invalid"),
    (Kind.MONEY, "-0.01 USD", {"minimum": 0}, "too_small"),
    (Kind.BOOLEAN, "perhaps", {}, "invalid"),
    (Kind.DATE, "20261122", {}, "invalid"),
    (Kind.DATE, "2026-02-30", {}, "invalid"),
    (Kind.DATE, "2026-W47-7", {}, "invalid"),
    (Kind.DATE, "22.11.2026", {}, "invalid"),
    (Kind.MOMENT, "2026-11-22T23:54", {}, "invalid"),
    (Kind.MOMENT, "0001-01-01T00:00+14:00", {}, "invalid"),
    (Kind.CHOICE, "lost", {"choices": Stage}, "unknown_choice"),
    (Kind.EMAIL, "a@b..c", {}, "no_email"),
    (Kind.EMAIL, "a@good.com(<b@evil.com>", {}, "no_email"),
    (Kind.URL, "javascript:alert(1)", {}, "no_url"),
    (Kind.URL, "https://bank.example@evil.example/", {}, "no_url"),
    (Kind.URL, "ftp://example.com", {}, "no_url"),
    (Kind.URL, "https://exa mple.com", {}, "no_url"),
    (Kind.URL, "https://example.com:99999", {}, "no_url"),
    (Kind.PHONES, "call me", {}, "no_phone"),
    (Kind.PHONES, "12", {}, "no_phone"),
    (Kind.TAGS, ["a\x00"], {}, "invalid"),
    (Kind.TAGS, [str(one) for one in range(51)], {}, "too_many"),
    (Kind.POSITION, "91, 0", {}, "out_of_range"),
    (Kind.POSITION, "here", {}, "invalid"),
    (Kind.DATA, {"a": "\x00"}, {}, "control_character"),
    (Kind.DATA, {"a": object()}, {}, "invalid"),
    (Kind.LINK, "not-an-id", {}, "unknown_record"),
    (Kind.LINK, 7, {}, "unknown_record"),
]


@pytest.mark.parametrize(("kind", "raw", "traits", "code"), REFUSED)
def test_refused_by_name(kind, raw, traits, code):
    with pytest.raises(Refused) as refusal:
        read(kind, raw, **traits)
    (problem,) = refusal.value.problems
    assert (problem.field, problem.code) == ("it", code)
    assert str(problem)


def test_what_is_assumed():
    assume = Assume(currency="CNY", zone="Asia/Shanghai", formats=("%d.%m.%Y", "%d.%m.%Y %H:%M"))
    assert read(Kind.MONEY, "12.5", assume) == Money(1250, "CNY")
    assert read(Kind.MONEY, 12.5, assume) == Money(1250, "CNY")
    assert read(Kind.MONEY, "12.5 USD", assume) == Money(1250, "USD")
    assert read(Kind.DATE, "22.11.2026", assume) == date(2026, 11, 22)
    assert read(Kind.DATE, "2026-11-22", assume) == date(2026, 11, 22)
    assert read(Kind.MOMENT, "22.11.2026 08:00", assume) == datetime(2026, 11, 22, tzinfo=UTC)
    assert read(Kind.MOMENT, "2026-11-22T08:00", assume) == datetime(2026, 11, 22, tzinfo=UTC)


def test_a_time_that_the_clocks_skip_is_refused():
    berlin = Assume(zone="Europe/Berlin")
    with pytest.raises(Refused, match="does not exist in Europe/Berlin"):
        read(Kind.MOMENT, "2026-03-29T02:30", berlin)
    assert read(Kind.MOMENT, "2026-10-25T02:30", berlin) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@given(st.integers(-(10**15), 10**15), st.sampled_from(["USD", "JPY", "KWD", "CNY", "KRW"]))
def test_an_amount_survives_every_way_of_writing_it(minor, currency):
    amount = Money(minor, currency)
    assert str(amount.amount).count("E") == 0
    assert read(Kind.MONEY, str(amount)) == amount
    assert read(Kind.MONEY, {"amount": str(amount.amount), "currency": currency}) == amount
    assert read(Kind.MONEY, f"{amount.amount:,} {currency}") == amount if exponent(currency) else True


@given(st.integers(-(2**63) + 1, 2**63 - 1), st.integers(0, 6))
def test_a_decimal_is_exact(scaled, scale):
    value = Decimal(scaled).scaleb(-scale)
    found = read(Kind.DECIMAL, format(value, "f"), scale=scale)
    assert found == value
    assert found.as_tuple().exponent == -scale
    assert read(Kind.DECIMAL, value, scale=scale) == value


@given(st.datetimes(datetime.min + YEAR, datetime.max - YEAR), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ901  naive on purpose
def test_a_moment_is_the_same_in_every_zone(naive, minutes):
    moment = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert read(Kind.MOMENT, moment.isoformat()) == moment
    assert read(Kind.MOMENT, moment).tzinfo is UTC


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.decimals() | st.datetimes() | st.uuids(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(list(Kind)), ANYTHING, st.booleans())
def test_nothing_but_a_refusal_by_name_comes_of_nonsense(kind, raw, required):
    traits = {"choices": Stage} if kind is Kind.CHOICE else {"max_length": 40, "scale": 3, "minimum": -5}
    try:
        value = read(kind, raw, required=required, **traits)
    except Refused as refusal:
        assert {one.field for one in refusal.problems} == {"it"}  # noqa: PT017  both ways out are right
        return
    if required and kind is not Kind.BOOLEAN:
        assert value not in (None, "", ())
    assert read(kind, value, required=required, **traits) == value, "what was read once is read again as itself"


@given(st.text(max_size=60))
def test_text_holds_no_control_character(raw):
    try:
        value = read(Kind.TEXT, raw)
    except Refused:
        return
    assert value is None or (value.isprintable() or not set(map(ord, value)) & {*range(32), 127})
    assert value is None or value.encode()
