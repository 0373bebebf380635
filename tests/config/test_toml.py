from __future__ import annotations

import tomllib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from soundstage.config import walk
from soundstage.config.toml import BrokenTomlError, parse_toml

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
  [[ l . "s".t ]]
"quoted key" = 1
"""


def test_each_key_has_the_line_and_the_column_at_which_it_begins():
    positions = parse_toml(EVERYTHING).positions
    expected = {
        ("a",): (1, 1),
        ("a", "x"): (2, 1),
        ("a", "y"): (3, 1),
        ("a", "y", "z"): (3, 1),
        ("a", "y", "w"): (4, 1),
        ("a", "y", "w", "p"): (4, 9),
        ("a", "y", "w", "q"): (4, 16),
        ("a", "y", "w", "q", "r"): (4, 16),
        ("l",): (6, 1),
        ("l", 0): (6, 1),
        ("l", 0, "b"): (7, 1),
        ("l", 1): (9, 1),
        ("l", 1, "b"): (10, 1),
        ("l", 1, "s"): (11, 1),
        ("l", 1, "s", "q"): (12, 1),
        ("l", 1, "s", "r"): (15, 1),
        ("l", 1, "s", "r", 0): (16, 3),
        ("l", 1, "s", "r", 1): (17, 3),
        ("l", 1, "s", "r", 1, "z"): (17, 5),
        ("l", 1, "s", "r", 2): (18, 3),
        ("l", 1, "s", "r", 2, 0): (18, 4),
        ("l", 1, "s", "r", 2, 1): (19, 4),
        ("l", 1, "s", "t"): (21, 1),
        ("l", 1, "s", "t", 0): (21, 1),
        ("l", 1, "s", "t", 1): (22, 3),
        ("l", 1, "s", "t", 1, "quoted key"): (23, 1),
    }
    assert positions == expected


def test_headers_are_kept_as_they_are_written():
    assert parse_toml(EVERYTHING).headers == {
        ("a",): "[a]",
        ("l", 0): "[[l]]",
        ("l", 1): "[[l]]",
        ("l", 1, "s"): "[l.s]",
        ("l", 1, "s", "t", 0): "[[l.s.t]]",
        ("l", 1, "s", "t", 1): '[[ l . "s".t ]]',
    }


def test_windows_line_ends_count_as_one_line():
    assert parse_toml("[a]\r\nx = 1\r\n  y = 2\r\n").positions[("a", "y")] == (3, 3)


KEYS = st.sampled_from(["a", "b", "c-d", "e_1", "'f g'", '"h.i"'])
SCALARS = st.sampled_from(
    [
        *("1", "-2.5", "0x1f", "1_000", "6e3", "inf", "nan", "true", "false"),
        *('"x"', "'y'", '"\\u00e9\\n"', '"""z\n\n"""', "'''\n# no comment\n'''", '""'),
        *("2020-01-01", "07:32:00", "1979-05-27T07:32:00Z"),
    ]
)
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
def test_the_values_are_those_of_tomllib_and_each_has_a_position(text):
    try:
        expected = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        with pytest.raises(BrokenTomlError):
            parse_toml(text)
        return
    parsed = parse_toml(text)
    assert repr(parsed.tree) == repr(expected)
    assert set(parsed.positions) == {path for path, _ in walk(parsed.tree) if path}


@given(st.text(alphabet="ab=.[]{}\"'#,1 \n\\\r\t\x00é", max_size=40))
def test_what_tomllib_refuses_is_refused_with_a_position(text):
    try:
        expected = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        with pytest.raises(BrokenTomlError) as caught:
            parse_toml(text)
        line, column = caught.value.position
        lines = text.replace("\r\n", "\n").split("\n")
        assert 1 <= line <= len(lines)
        assert 1 <= column <= len(lines[line - 1]) + 1
    else:
        assert parse_toml(text).tree == expected


class Writer:
    """Writes a tree as TOML in a way that is drawn, and notes where it writes each key.

    Attributes:
        text: what is written so far.
        positions: key path to line and column.
    """

    def __init__(self, draw) -> None:
        self.draw = draw
        self.text = ""
        self.positions = {}

    def note(self, path) -> None:
        line = self.text.count("\n") + 1
        here = line, len(self.text) - (self.text.rfind("\n") + 1) + 1
        for end in range(1, len(path) + 1):
            self.positions.setdefault(path[:end], here)

    def choose(self, *choices):
        return self.draw(st.sampled_from(choices))

    def key(self, key) -> str:
        quoted = f'"{key}"' if "'" in key else self.choose(f'"{key}"', f"'{key}'")
        return self.choose(key, quoted) if key.isidentifier() and key.isascii() else quoted

    def dotted(self, keys) -> str:
        return self.choose(".", " . ", ".").join(map(self.key, keys))

    def blank(self) -> None:
        self.text += self.choose("", "", "\n", "  ", "# [x] = {é\n", "\t\n")

    def table(self, table, path=(), keys=()) -> None:
        """The table at `path`, whose header is `keys`: values, then tables under headers."""
        later = []
        for name, value in table.items():
            if (isinstance(value, dict) and value and self.draw(st.booleans())) or (
                isinstance(value, list) and value and all(isinstance(v, dict) for v in value)
            ):
                later.append((name, value))
            else:
                self.pair(name, value, path)
        for name, value in later:
            if isinstance(value, list):
                self.list_of_tables(name, value, path, keys)
            else:
                self.blank()
                self.note((*path, name))
                self.text += f"[{self.dotted((*keys, name))}]\n"
                self.table(value, (*path, name), (*keys, name))

    def list_of_tables(self, name, items, path, keys) -> None:
        for index, item in enumerate(items):
            self.blank()
            self.note((*path, name, index))
            self.text += f"[[{self.dotted((*keys, name))}]]\n"
            self.table(item, (*path, name, index), (*keys, name))

    def pair(self, name, value, path) -> None:
        names = [name]
        while isinstance(value, dict) and len(value) == 1 and self.draw(st.booleans()):
            [(inner, value)] = value.items()
            names.append(inner)
        self.blank()
        self.assignment(names, value, path)
        self.text += self.choose("\n", " # said\n")

    def assignment(self, names, value, path) -> None:
        self.note((*path, *names))
        self.text += self.dotted(names) + self.choose(" = ", "=")
        self.value(value, (*path, *names))

    def value(self, value, path) -> None:
        if isinstance(value, dict):
            self.text += "{ "
            for index, (name, item) in enumerate(value.items()):
                self.text += ", " if index else ""
                self.assignment([name], item, path)
            self.text += " }"
        elif isinstance(value, list):
            self.text += "["
            for index, item in enumerate(value):
                self.text += self.choose("", "\n  ", " # one more\n")
                self.note((*path, index))
                self.value(item, (*path, index))
                self.text += self.choose(",", ", ")
            self.text += "]"
        else:
            self.text += value


LEAVES = st.sampled_from(["1", "true", '"x = 1"', "'[y]'", '"""a\nb = 2\n"""'])
NAMES = st.sampled_from(["a", "b", "c", "d e", "f.g", "h=i", "[j]", "é", "k'l"])
TREES = st.dictionaries(
    NAMES,
    st.recursive(
        LEAVES,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
        max_leaves=12,
    ),
    max_size=5,
)


@given(st.data(), TREES)
def test_every_key_of_a_document_is_found_where_it_was_written(data, tree):
    writer = Writer(data.draw)
    writer.table(tree)
    parsed = parse_toml(writer.text)
    assert parsed.tree == tomllib.loads(writer.text)
    assert parsed.positions == writer.positions
    assert set(parsed.positions) == {path for path, _ in walk(parsed.tree) if path}


@pytest.mark.parametrize(
    ("text", "position", "path", "why"),
    [
        ("[a]\nx = 1\n x = 2", (3, 2), ("a", "x"), "twice, first on line 2$"),
        ("[a]\n[b]\n[a]", (3, 1), ("a",), "twice, first on line 1; a table"),
        ("a = 1\n[a.b]", (2, 1), ("a", "b"), "twice"),
        ("a = 1\n[[a]]", (2, 1), ("a",), "twice, first on line 1$"),
        ("a = [1]\n[[a]]", (2, 1), ("a",), "twice, first on line 1; a table"),
        ("[a]\nb = { c = 1, c = 2 }", (2, 14), ("a", "b", "c"), "twice$"),
        ("a = [1,\n2\n", (2, 2), (), "unclosed array"),
        ("a = '''\n\n", (1, 8), (), "not valid TOML"),
        ("a = 1 b = 2", (1, 7), (), "expected newline"),
        ("\n\na = ash", (3, 5), (), "text stands in quotes"),
        ("a = {\nb = 1 }", (1, 6), (), "stays on one line"),
        ("a = { b = 1\n}", (1, 12), (), "stays on one line"),
        ('a = "b\nc"', (1, 7), (), "ends within a text in quotes"),
        ("a = 'b\nc'", (1, 7), (), "ends within a text in quotes"),
        ("a = " + "9" * 5000, (1, 5), (), "too many digits"),
    ],
)
def test_what_is_broken_is_said_in_words(text, position, path, why):
    with pytest.raises(BrokenTomlError, match=why) as caught:
        parse_toml(text)
    assert (caught.value.position, caught.value.path) == (position, path)


def test_lists_within_lists_have_an_end():
    with pytest.raises(BrokenTomlError, match="nested too deeply") as caught:
        parse_toml("\na = " + "[" * 5000)
    assert caught.value.position.line == 2
    assert caught.value.position.column < 410
