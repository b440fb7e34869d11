"""The hub: news reach all who listen, in this process and through Redis in others."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from core.live import MOST_NAMED, MOST_WAITING, Hub, by_model


async def test_news_of_one_process_reach_those_who_listen_in_another(redis_url):
    here, there = Hub(redis_url), Hub(redis_url)
    here.open()
    there.open()
    record, user = uuid4(), uuid4()
    async with here.listen() as near, there.listen() as far:
        heard = None
        while heard is None:  # until the other has subscribed, nothing arrives
            here.publish({"sales.lead": [record]})
            try:
                heard = await asyncio.wait_for(far.get(), 0.2)
            except TimeoutError:
                continue
        first = near.get_nowait()
        assert first is not None
        assert by_model([heard]) == by_model([first]) == {"sales.lead": [record]}
        here.ring(user)
        here.edit("sales.lead", str(record), str(user))
        while not there.editors("sales.lead", str(record)):
            await far.get()
        assert there.editors("sales.lead", str(record)) == [str(user)]
        here.edit("sales.lead", str(record), str(user), left=True)
        while there.editors("sales.lead", str(record)):
            await far.get()
    await here.close()
    await there.close()


async def test_a_hub_that_is_still_connecting_closes(redis_url):
    for steps in range(40):
        hub = Hub(redis_url)
        hub.open()
        for _ in range(steps):
            await asyncio.sleep(0)
        await asyncio.wait_for(hub.close(), 60)


async def test_without_redis_news_stay_in_the_process(unused_tcp_port):
    hub = Hub(f"redis://127.0.0.1:{unused_tcp_port}")
    hub.open()
    async with hub.listen() as queue:
        for _ in range(MOST_WAITING + 10):  # more than may wait for Redis
            hub.ring(uuid4())
        assert queue.qsize() == MOST_WAITING, "who does not keep up hears the newest"
    await hub.close()


async def test_of_many_changes_at_once_the_first_are_named():
    hub = Hub()
    async with hub.listen() as queue:
        hub.publish({"sales.lead": [uuid4() for _ in range(MOST_NAMED + 50)]})
        news = await queue.get()
        assert news is not None
        assert len(news.records) == MOST_NAMED


async def test_who_listens_to_an_ending_process_is_told_so_at_once():
    hub = Hub()
    async with hub.listen() as queue:
        hub.end()
        assert await queue.get() is None
    async with hub.listen() as queue:
        assert await queue.get() is None
