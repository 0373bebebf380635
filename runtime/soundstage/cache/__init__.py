"""A cache by content: what has been computed once is read from a folder, not computed again."""

from soundstage.cache.content_cache import Cache, default_folder, open_cache
from soundstage.cache.machine_identity import machine

__all__ = ["Cache", "default_folder", "machine", "open_cache"]
