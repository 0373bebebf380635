"""What holds for every test."""

import os
from pathlib import Path

# Speech is kept between test runs, apart from the cache of whoever runs them.
os.environ["XDG_CACHE_HOME"] = str(Path(__file__).parent.parent / ".pytest_cache" / "xdg")
