"""Measure a search engine: `python -m bench.search FOLDER [--documents 1000000]`, or `--url` of a Meilisearch.

Fills an index with made-up companies and people (half English, a third Chinese, the rest Korean), then prints the
median and the 95th percentile of each kind of search for each kind of scope, in milliseconds.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random
from statistics import quantiles

from core.finder import Document, Engine, IndexSpec, SearchQuery, SearchScope
from search.embedded import EmbeddedEngine
from search.meilisearch import MeilisearchEngine

SPEC = IndexSpec("bench", ("name", "region", "phones", "email"), ("industry", "owner"))
BATCH = 500
REPEATS = 100
SYLLABLES = re.findall("..", "albecodaenfigohainjukalominoorpequrasotiunvawixeyozu")
FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰"
TRADES = ["科技", "贸易", "信息", "通信", "电子", "机械", "化工", "物流", "食品", "医药", "建设", "能源"]
GROUPS, KOREAN = ["삼성", "현대", "대한", "한국", "서울"], ["전자", "통신", "물산", "건설", "제약"]
SCOPES: Mapping[str, SearchScope] = {
    "all": SearchScope(frozenset({"all"})),
    "tree": SearchScope(frozenset({"t_3x", "s_1", "s_2"})),
    "own": SearchScope(frozenset({"o_77", "s_1"})),
    "200 people": SearchScope(frozenset(f"o_{number}" for number in range(200))),
}


class Words:
    """Made-up names, and what people type to find them; the same at every run."""

    def __init__(self) -> None:
        self.random = Random(1)
        self.known = ["".join(self.random.choices(SYLLABLES, k=self.random.randint(2, 5))) for _ in range(60_000)]

    def name(self) -> str:
        """Of a company or person."""
        pick, chance = self.random.choice, self.random.random()
        if chance < 0.5:
            return f"{pick(self.known)} {pick(self.known)} {pick(('Ltd', 'Inc', 'Trading', 'Group'))}".title()
        if chance < 0.7:
            return pick(FAMILY) + pick(GIVEN) + pick(GIVEN)
        if chance < 0.85:
            return self.company()
        return pick(GROUPS) + pick(KOREAN)

    def company(self) -> str:
        """Of a Chinese company."""
        return (
            f"{self.random.choice('华东南北中国海天')}{self.random.choice(GIVEN)}{self.random.choice(TRADES)}有限公司"
        )

    def mistyped(self) -> str:
        """A word with two letters swapped."""
        word = self.random.choice([one for one in self.random.choices(self.known, k=50) if len(one) > 6])
        at = self.random.randint(1, len(word) - 2)
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]

    def phone(self) -> str:
        """A Chinese mobile number."""
        return f"1{self.random.randint(30, 99)}{self.random.randint(10**7, 10**8 - 1)}"

    def searches(self) -> Mapping[str, Callable[[], str]]:
        """What is typed, by kind."""
        pick = self.random.choice
        return {
            "one word": lambda: pick(self.known),
            "two words": lambda: f"{pick(self.known)} ltd",
            "a common word": lambda: "trading",
            "first letter": lambda: pick("abcdefg"),
            "first three letters": lambda: pick(self.known)[:3],
            "a mistyped word": self.mistyped,
            "two mistyped words": lambda: f"{self.mistyped()} {self.mistyped()}",
            "two Chinese characters": lambda: pick(TRADES),
            "a Chinese name": lambda: pick(FAMILY) + pick(GIVEN) + pick(GIVEN),
            "a Chinese company": self.company,
            "a Korean word": lambda: pick(KOREAN),
            "a phone number": self.phone,
            "end of a number": lambda: str(self.random.randint(1000, 9999)),
            "nothing there": lambda: "zzzqqqxxv",
        }


def documents(words: Words, count: int) -> Iterator[Document]:
    """Documents of 500 owners in 100 departments on three levels."""
    for number in range(count):
        department, owner = words.random.randrange(100), words.random.randrange(500)
        tokens = {"all", f"o_{owner}", f"d_{department}", f"t_{department}", f"t_{department // 10}x", "t_root"}
        texts = {
            "name": (words.name(),),
            "region": (words.random.choice(words.known),),
            "phones": (f"+86 {words.phone()}",),
            "email": (f"{words.random.choice(words.known)}@{words.random.choice(words.known)}.com",),
        }
        keys = {"industry": (words.random.choice("abcdef"),), "owner": (str(owner),)}
        yield Document(f"id{number}", texts, frozenset(tokens), keys)


async def fill(engine: Engine, words: Words, count: int) -> None:
    """Fill an empty index; one that is filled already is left alone."""
    await engine.ensure(SPEC)
    state = await engine.stats(SPEC)
    if state and state.documents:
        return
    begun, batch = time.perf_counter(), []
    for one in documents(words, count):
        batch.append(one)
        if len(batch) == BATCH:
            await engine.upsert(SPEC.uid, batch)
            batch = []
    await engine.upsert(SPEC.uid, batch)
    print(f"{count} documents in {time.perf_counter() - begun:.0f} s")


async def ask(engine: Engine, words: Words) -> None:
    """Search, and print how long it took."""
    for scope_name, scope in SCOPES.items():
        for name, typed in words.searches().items():
            took = []
            for _ in range(REPEATS):
                query = SearchQuery(SPEC.uid, typed(), scope)
                begun = time.perf_counter()
                await engine.search(query)
                took.append((time.perf_counter() - begun) * 1000)
            steps = quantiles(took, n=20)
            print(f"{scope_name:12} {name:24} p50 {steps[9]:7.1f}  p95 {steps[18]:7.1f}")


async def main() -> None:
    """Fill and ask."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--url")
    parser.add_argument("--key", default="")
    told = parser.parse_args()
    if not told.url and not told.folder:
        parser.error("name a folder for the embedded engine, or the --url of a Meilisearch")
    engine: Engine
    engine = MeilisearchEngine(told.url, told.key) if told.url else EmbeddedEngine(told.folder / "search.sqlite3")
    words = Words()
    await fill(engine, words, told.documents)
    await ask(engine, words)
    await engine.close()


if __name__ == "__main__":
    asyncio.run(main())
