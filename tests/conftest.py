"""What holds for every test."""

import os
from pathlib import Path

from hypothesis import settings

# Speech is kept between test runs, apart from the cache of whoever runs them.
os.environ["XDG_CACHE_HOME"] = str(Path(__file__).parent.parent / ".pytest_cache" / "xdg")

# What a property holds for does not depend on how fast the machine is.
settings.register_profile("soundstage", deadline=None)
settings.load_profile("soundstage")
