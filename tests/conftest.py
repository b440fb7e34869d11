"""The test kit, as a partner gets it; in a checkout that is not installed it is loaded here."""

from __future__ import annotations

import gc
from importlib.metadata import entry_points

from hypothesis import settings

pytest_plugins = ["pytester", "tests.buckets", "tests.proofs", "tests.servers", "tests.wheels"]
if not any(one.name == "tradepost" for one in entry_points(group="pytest11")):
    pytest_plugins.append("tradepost.testing")

settings.register_profile("unhurried", deadline=None)  # machines are noisy; nothing is timed in tests
settings.load_profile("unhurried")

# Many apps live beside each other here: to look for garbage as often as usual took an eighth of the time.
gc.set_threshold(50_000, 20, 50)
