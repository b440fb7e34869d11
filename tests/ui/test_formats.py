"""How values are written in the three languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from ui.drawing import initials
from ui.formats import Formats
from ui.programs import program_name

EN, ZH, KO = (Formats(one, "Asia/Shanghai") for one in ("en", "zh_Hans", "ko"))
MOMENT = datetime(2026, 11, 22, 23, 54, 56, tzinfo=UTC)


def test_numbers_have_groups():
    assert [one.number(Decimal("12345.250")) for one in (EN, ZH, KO)] == ["12,345.25"] * 3


def test_amounts_name_their_currency():
    assert EN.money("1234567.50", "USD") == "$1,234,567.50"
    assert ZH.money("1234567.50", "USD") == "US$1,234,567.50"
    assert KO.money("1234567", "KRW") == "₩1,234,567"


def test_short_amounts_use_the_units_of_the_language():
    assert EN.short_money("1234567.5", "USD") == "$1.2M"
    assert ZH.short_money("150000000", "CNY") == "¥1.5亿"
    assert KO.short_money("150000000", "KRW") == "₩1.5억"
    assert EN.short_money("1234.5", "USD") == "$1,234"


def test_days_and_times_follow_the_reader():
    assert EN.day(date(2026, 11, 22)) == "Nov 22, 2026"
    assert ZH.day(date(2026, 11, 22)) == "2026年11月22日"
    assert ZH.moment(MOMENT) == "2026年11月23日 07:54"
    assert EN.moment(MOMENT).replace("\u202f", " ") == "Nov 23, 2026, 7:54 AM"


def test_how_long_ago():
    assert EN.ago(MOMENT, MOMENT + timedelta(hours=2)) == "2 hours ago"
    assert ZH.ago(MOMENT, MOMENT + timedelta(minutes=34)) == "34分钟前"
    assert KO.ago(MOMENT, MOMENT - timedelta(days=3)) == "3일 후"


@pytest.mark.parametrize(
    ("name", "letters"), [("Mei-Mei Johns", "MJ"), ("王小明", "小明"), ("김민수", "민수"), ("ann", "A"), ("", "?")]
)
def test_initials(name: str, letters: str):
    assert initials(name) == letters


def test_whole_numbers_that_may_be_years_have_no_groups():
    assert [EN.whole(one) for one in (7, 1966, 12_345)] == ["7", "1966", "12,345"]


def test_a_korean_reads_the_time_in_korean():
    assert KO.moment(MOMENT) == "2026. 11. 23. 오전 7:54"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36", "Chrome, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/150.0 Mobile Safari/537.36 MicroMessenger/8.0", "WeChat, Android"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
    ],
)
def test_a_browser_is_called_what_people_call_it(said: str, name: str):
    assert program_name(said) == name
