"""Values by content, in weather of all kinds."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from soundstage.cache import Cache

VALUE = b"a value of some length"


def only_file(folder: Path) -> Path:
    [path] = [path for path in folder.rglob("*") if path.is_file()]
    return path


def reread(folder: Path) -> bytes | None:
    """What another process would find."""
    return Cache(folder).get("kind", b"key")


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    Cache(tmp_path).put("kind", b"key", VALUE)
    return tmp_path


def test_what_was_put_is_there_for_the_next_process(kept: Path) -> None:
    assert reread(kept) == VALUE


def test_kinds_and_keys_are_told_apart(kept: Path) -> None:
    assert Cache(kept).get("other", b"key") is None
    assert Cache(kept).get("kind", b"other") is None


def test_nothing_is_made_before_there_is_something_to_keep(tmp_path: Path) -> None:
    assert Cache(tmp_path / "cache").get("kind", b"key") is None
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("length", [0, 10, 30, 60])
def test_a_truncated_entry_is_not_believed_and_removed(kept: Path, length: int) -> None:
    path = only_file(kept)
    os.truncate(path, length)
    assert reread(kept) is None
    assert not path.exists()


def test_an_entry_with_any_changed_byte_is_not_believed(kept: Path) -> None:
    path = only_file(kept)
    content = path.read_bytes()
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert reread(kept) is None
    path.write_bytes(content)
    assert reread(kept) == VALUE


def test_an_entry_that_was_moved_to_another_key_is_not_believed(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put("kind", b"other", VALUE)
    moved = only_file(tmp_path)
    cache.put("kind", b"key", b"another value")
    [target] = [path for path in tmp_path.rglob("*") if path.is_file() and path != moved]
    moved.replace(target)
    assert reread(tmp_path) is None


def test_a_folder_in_place_of_an_entry_is_no_value(kept: Path) -> None:
    path = only_file(kept)
    path.unlink()
    path.mkdir()
    assert reread(kept) is None


def test_a_damaged_entry_is_made_anew(kept: Path) -> None:
    only_file(kept).write_bytes(b"garbage")
    cache = Cache(kept)
    assert cache.get("kind", b"key") is None
    cache.put("kind", b"key", VALUE)
    assert reread(kept) == VALUE


def test_where_the_folder_cannot_be_written_values_last_for_the_process(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file" / "cache")
    cache.put("kind", b"key", VALUE)
    cache.put("kind", b"other", VALUE)
    assert cache.get("kind", b"key") == VALUE
    assert len(caplog.records) == 1  # said once


def test_a_folder_that_can_only_be_read_is_read(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    for owner, name in ((Path, "write_bytes"), (Path, "mkdir"), (Path, "unlink"), (os, "utime")):
        monkeypatch.setattr(owner, name, refuse)
    cache = Cache(kept)
    cache.put("kind", b"another", VALUE)
    assert cache.get("kind", b"key") == VALUE
    os.truncate(only_file(kept), 5)
    assert reread(kept) is None


def test_what_could_not_be_written_does_not_keep_what_is_there_from_being_read(
    kept: Path,
) -> None:
    cache = Cache(kept)
    (kept / "broken").write_text("in the way of a kind")
    cache.put("broken", b"key", VALUE)
    assert cache.get("kind", b"key") == VALUE


def test_the_least_recently_used_go_when_the_folder_is_full(tmp_path: Path) -> None:
    size = 10_000
    for number in range(10):
        Cache(tmp_path).put("kind", b"%d" % number, bytes(size))
    for age, number in enumerate((0, 9, 8, 7, 6, 5, 4, 3, 2, 1)):
        path = _path_of(tmp_path, b"%d" % number)
        os.utime(path, (1_000_000 - age, 1_000_000 - age))
    Cache(tmp_path, limit=6 * size).put("kind", b"new", bytes(size))
    left = {number for number in range(10) if Cache(tmp_path).get("kind", b"%d" % number)}
    assert left == {0, 9, 8}
    assert Cache(tmp_path).get("kind", b"new") is not None


def test_reading_counts_as_use(tmp_path: Path) -> None:
    Cache(tmp_path).put("kind", b"key", VALUE)
    path = only_file(tmp_path)
    os.utime(path, (1, 1))
    reread(tmp_path)
    assert path.stat().st_mtime > 1


def test_what_somebody_left_half_written_goes(tmp_path: Path) -> None:
    Cache(tmp_path).put("kind", b"key", VALUE)
    old, new = (only_file(tmp_path).with_name(f"{name}.part") for name in ("1-1", "2-1"))
    old.touch()
    new.touch()
    os.utime(old, (1, 1))
    Cache(tmp_path).put("kind", b"other", VALUE)
    assert not old.exists()
    assert new.exists()


def test_memory_is_bounded(tmp_path: Path) -> None:
    cache = Cache(None, in_memory=1000)
    for number in range(20):
        cache.put("kind", b"%d" % number, bytes(100))
    kept = [number for number in range(20) if cache.get("kind", b"%d" % number)]
    assert kept == list(range(10, 20))
    cache.put("kind", b"19", bytes(50))
    assert cache.get("kind", b"10") is not None


WRITER = """
import sys
from pathlib import Path
from soundstage.cache import Cache
cache = Cache(Path(sys.argv[1]), limit=200_000)
for number in range(60):
    key = b"%d" % (number % 20)
    value = key * 4000
    found = Cache(Path(sys.argv[1])).get("kind", key)
    assert found in (None, value), "torn"
    cache.put("kind", key, value)
"""


def test_processes_that_write_the_same_keys_at_once_see_whole_values(tmp_path: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)]) for _ in range(3)]
    assert [writer.wait(timeout=50) for writer in writers] == [0, 0, 0]
    assert not list(tmp_path.rglob("*.part"))


def test_threads_may_share_a_cache(tmp_path: Path) -> None:
    cache = Cache(tmp_path, in_memory=5000)

    def work(thread: int) -> None:
        for number in range(50):
            key = b"%d" % (number % 10)
            cache.put("kind", key, key * 1000)
            assert cache.get("kind", key) == key * 1000

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))


def _path_of(folder: Path, key: bytes) -> Path:
    """Where the value of a key is: the file that appears when it is put alone."""
    before = {path for path in folder.rglob("*") if path.is_file()}
    beside = folder.parent / "beside" / key.decode()
    Cache(beside).put("kind", key, b"")
    found = folder / only_file(beside).relative_to(beside)
    assert found in before
    return found
