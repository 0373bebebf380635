from __future__ import annotations

import pytest

from soundstage.config.values import expand, variables_in


def test_variables_are_named_in_braces():
    assert variables_in("Bearer ${KEY} ${A_1}, not $KEY, ${} or ${1}") == ("KEY", "A_1")
    assert expand("Bearer ${KEY}", {"KEY": "k${OTHER}"}) == "Bearer k${OTHER}"
    with pytest.raises(KeyError):
        expand("${KEY}", {})
