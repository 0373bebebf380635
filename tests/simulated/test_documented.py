"""The tests that README and docs show are run as they stand there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def shown(file, holding):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / file).read_text(), re.DOTALL)
    [program] = [block for block in blocks if holding in block]
    namespace = {}
    exec(compile(program, file, "exec"), namespace)
    [test] = [each for name, each in namespace.items() if name.startswith("test_")]
    return program, test


def test_the_test_in_the_readme_is_five_lines_and_passes(run_scenario):
    program, test = shown("README.md", "test_friday")
    assert len(program.strip().splitlines()) - 1 <= 5
    test(run_scenario)


@pytest.mark.parametrize("seed", range(3))
def test_the_test_in_the_guide_passes(run_scenario, seed):
    _, test = shown("docs/testing.md", "test_catching_up")
    test(run_scenario, seed)
