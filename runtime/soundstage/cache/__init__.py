"""Results by content, kept in a folder: what has been computed once is not computed again."""

from soundstage.cache._cache import Cache, open_cache
from soundstage.cache._folder import default_folder
from soundstage.cache._processor import machine

__all__ = ["Cache", "default_folder", "machine", "open_cache"]
