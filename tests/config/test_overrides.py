from __future__ import annotations

from copy import deepcopy
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from soundstage.config import Diagnostics, Document, Place, apply_sets, walk, written_path

KEYS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x7f"), max_size=6)
TREES = st.dictionaries(
    KEYS,
    st.recursive(
        st.integers(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
        max_leaves=8,
    ),
    min_size=1,
    max_size=4,
)


def dotted(path) -> str:
    """A path whose indexes stand after dots."""
    return written_path(path).replace("[", ".").replace("]", "")


@given(TREES, st.data())
def test_every_path_is_set_as_diagnostics_write_it(tree, data):
    path = data.draw(st.sampled_from([path for path, _ in walk(tree) if path]))
    document, diagnostics = Document(deepcopy(tree), Place("x.toml", Path())), Diagnostics()
    apply_sets(document, [f"{written_path(path)} = 'new'"], diagnostics)
    assert not diagnostics.found
    assert document.value(path) == "new"
    assert str(document.place_of(path)) == f"--set {written_path(path)}"


@given(st.lists(st.sampled_from(["a", "b-1", 0, 12]), max_size=4))
def test_an_index_is_read_in_brackets_and_after_a_dot(rest):
    path = ("root", *rest)
    tree: dict[str, object] = {}
    holder: object = tree
    for at, part in enumerate(path):
        inner = [] if at + 1 < len(path) and isinstance(path[at + 1], int) else {}
        if isinstance(holder, list):
            holder.extend({} for _ in range(part))
            holder.append(inner)
        else:
            holder[part] = inner
        holder = inner
    for written in (written_path(path), dotted(path)):
        document, diagnostics = Document(deepcopy(tree), Place("x.toml", Path())), Diagnostics()
        apply_sets(document, [f"{written}=1"], diagnostics)
        assert not diagnostics.found
        assert document.value(path) == 1


def test_an_equals_sign_in_quotes_belongs_to_the_key():
    document, diagnostics = Document({}, Place("x.toml", Path())), Diagnostics()
    apply_sets(document, ['effects."a=b".x = 1'], diagnostics)
    assert document.tree == {"effects": {"a=b": {"x": 1}}}
