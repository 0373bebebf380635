"""What asks for an engine that is not there."""

import sys

import pytest

from soundstage.errors import EngineMissing
from soundstage.sweep import RayEngine, SweepRequest


def test_ray_that_is_not_installed_is_told_with_what_installs_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    request = SweepRequest(
        file="x.toml", clock="virtual", provider=None, sets=(), out=tmp_path, cache=False
    )
    with pytest.raises(EngineMissing, match=r'pip install "soundstage\[ray\]"'):
        RayEngine(request, done=lambda row: None)
