import asyncio
import unicodedata

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError

from core.errors import Refused
from core.passwords import Passwords, made_up, nobodys, require_strength


@pytest.fixture
def passwords():
    made = Passwords()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("elevenchars", "too_short"),
        ("x9" * 65, "too_long"),
        ("password1234", "weak"),
        ("P@ssw0rd2024!", "weak"),
        ("passwordpassword", "weak"),
        ("123456789012", "weak"),
        ("qwertyuiop12", "weak"),
        ("Aa1!Aa1!Aa1!", "weak"),
        ("iloveyou5201314", "weak"),
        ("kim-minsu-2026", "weak"),
    ],
)
@pytest.mark.requirement("SE-3")
def test_a_guessable_password_is_refused_by_name_of_its_fault(password, code):
    with pytest.raises(Refused) as refusal:
        require_strength(password, ["Kim Minsu"])
    assert [(one.field, one.code) for one in refusal.value.problems] == [("password", code)]


@pytest.mark.parametrize(
    "password",
    ["mayflower teapot", "我爱北京天安门我家在四川", "xkcd-plum-7fjq", pytest.param(made_up(), id="made up")],
)
def test_an_unusual_password_is_accepted(password):
    require_strength(password, ["Kim Minsu"])


async def test_a_hash_fits_only_its_password(passwords):
    stored = await passwords.hash("mayflower teapot")
    parameters = extract_parameters(stored)
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (19 * 1024, 2, 1)
    assert await passwords.verify(stored, "mayflower teapot") is True
    assert await passwords.verify(stored, "mayflower teapoT") is False
    assert await passwords.verify(None, "mayflower teapot") is False
    assert await passwords.verify("no hash at all", "mayflower teapot") is False


async def test_who_is_not_there_costs_the_same_work(passwords):
    hasher = PasswordHasher()
    stored = nobodys(hasher)
    assert extract_parameters(stored) == extract_parameters(hasher.hash("mayflower teapot"))
    with pytest.raises(VerifyMismatchError):
        hasher.verify(stored, "mayflower teapot")


async def test_composed_and_decomposed_characters_are_one_password(passwords):
    stored = await passwords.hash(unicodedata.normalize("NFD", "café 비밀번호 정원사"))
    assert await passwords.verify(stored, unicodedata.normalize("NFC", "café 비밀번호 정원사")) is True


async def test_a_hash_of_other_parameters_is_outdated(passwords):
    weaker = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash("mayflower teapot")
    assert await passwords.verify(weaker, "mayflower teapot") is True
    assert passwords.outdated(weaker) is True
    assert passwords.outdated(await passwords.hash("mayflower teapot")) is False


async def test_a_flood_is_turned_away_instead_of_queued(passwords):
    results = await asyncio.gather(
        *(passwords.verify(None, "mayflower teapot") for _ in range(40)), return_exceptions=True
    )
    refused = [one for one in results if isinstance(one, Refused)]
    assert [one.problems[0].code for one in refused] == ["busy"] * 6
    assert results.count(False) == 34
    assert await passwords.verify(None, "mayflower teapot") is False
