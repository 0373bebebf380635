from __future__ import annotations

import tomllib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from soundstage.scenario._document import walk
from soundstage.scenario._toml import BrokenTomlError, parse_toml

EVERYTHING = """\
[a]
x = 1
y.z = 2
y.w = { p = 1, q.r = 2 }

[[l]]
b = 1

[[l]]
b = 2
[l.s]
q = '''

'''
r = [
  1,
  { z = 1 },   # two of them
  [2,
   3],
]
[[l.s.t]]
[[l.s.t]]
"quoted key" = 1
"""


def test_each_key_has_the_line_on_which_it_begins():
    lines = parse_toml(EVERYTHING).lines
    expected = {
        ("a",): 1,
        ("a", "x"): 2,
        ("a", "y"): 3,
        ("a", "y", "z"): 3,
        ("a", "y", "w", "q", "r"): 4,
        ("l",): 6,
        ("l", 0, "b"): 7,
        ("l", 1): 9,
        ("l", 1, "b"): 10,
        ("l", 1, "s"): 11,
        ("l", 1, "s", "q"): 12,
        ("l", 1, "s", "r"): 15,
        ("l", 1, "s", "r", 0): 16,
        ("l", 1, "s", "r", 1, "z"): 17,
        ("l", 1, "s", "r", 2, 1): 19,
        ("l", 1, "s", "t", 1): 22,
        ("l", 1, "s", "t", 1, "quoted key"): 23,
    }
    assert {path: lines[path] for path in expected} == expected


def test_headers_are_kept_as_they_are_written():
    headers = parse_toml(EVERYTHING).headers
    assert headers[("a",)] == "[a]"
    assert headers[("l", 1, "s", "t", 1)] == "[[l.s.t]]"
    assert ("a", "y") not in headers


def test_windows_line_ends_count_as_one_line():
    assert parse_toml("[a]\r\nx = 1\r\ny = 2\r\n").lines[("a", "y")] == 3


KEYS = st.sampled_from(["a", "b", "c-d", "e_1", "'f g'", '"h.i"'])
SCALARS = st.sampled_from(["1", "-2.5", "true", '"x"', "'y'", "2020-01-01", '"""z\n\n"""', "inf"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: "[\n" + ",\n".join(items) + "]")
        | st.dictionaries(KEYS, SCALARS, max_size=2).map(
            lambda table: "{" + ", ".join(f"{k} = {v}" for k, v in table.items()) + "}"
        )
    ),
    max_leaves=6,
)
DOTTED = st.lists(KEYS, min_size=1, max_size=3).map(".".join)
LINES = st.one_of(
    st.tuples(DOTTED, VALUES).map(" = ".join),
    DOTTED.map("[{}]".format),
    DOTTED.map("[[{}]]".format),
    st.sampled_from(["", "# [a]", "  "]),
)
DOCUMENTS = st.lists(LINES, max_size=12).map("\n".join)


@given(DOCUMENTS)
@example(EVERYTHING)
def test_the_values_are_those_of_tomllib_and_each_has_a_line(text):
    try:
        expected = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        with pytest.raises(BrokenTomlError):
            parse_toml(text)
        return
    parsed = parse_toml(text)
    assert repr(parsed.tree) == repr(expected)
    written = text.split("\n")
    for path, _ in walk(parsed.tree):
        if path:
            line = written[parsed.lines[path] - 1]
            key = next(part for part in reversed(path) if isinstance(part, str))
            assert key in line or isinstance(path[-1], int)


@given(st.text(alphabet="ab=.[]{}\"'#,1 \n\\\r\t\x00é", max_size=40))
def test_whatever_tomllib_refuses_is_refused_with_a_line(text):
    try:
        expected = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        with pytest.raises(BrokenTomlError) as caught:
            parse_toml(text)
        assert 1 <= caught.value.line <= text.count("\n") + 1
    else:
        assert parse_toml(text).tree == expected


@pytest.mark.parametrize(
    ("text", "line", "path", "why"),
    [
        ("[a]\nx = 1\nx = 2", 3, ("a", "x"), "twice, first on line 2"),
        ("[a]\n[b]\n[a]", 3, ("a",), "twice, first on line 1; a table"),
        ("a = 1\n[a.b]", 2, ("a", "b"), "twice"),
        ("[a]\nb = { c = 1, c = 2 }", 2, ("a", "b", "c"), "twice"),
        ("a = [1,\n2\n", 2, (), "unclosed array"),
        ("a = '''\n\n", 1, (), "not valid TOML"),
        ("a = 1 b = 2", 1, (), "expected newline"),
        ("\n\na = ash", 3, (), "text stands in quotes"),
        ("a = {\nb = 1 }", 1, (), "stays on one line"),
        ("a = " + "9" * 5000, 1, (), "too many digits"),
        ("\na = " + "[" * 5000, 2, (), "nested too deeply"),
    ],
)
def test_what_is_broken_is_said_in_words(text, line, path, why):
    with pytest.raises(BrokenTomlError, match=why) as caught:
        parse_toml(text)
    assert (caught.value.line, caught.value.path) == (line, path)
