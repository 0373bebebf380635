#!/usr/bin/env bash
# msgspec 0.22.0: a Struct with a tag that is decoded by itself accepts an object without the tag; the
# same Struct in a union refuses it. A format whose messages must carry their type is therefore read
# more strictly when there are two kinds of message than when there is one.
#
# Output seen:
#   alone, without its tag: Call(name='x')
#   in a union, without its tag: Object missing required field `type`
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check msgspec==0.22.0
"$folder/venv/bin/python" - <<'PY'
import msgspec


class Call(msgspec.Struct, tag="call"):
    name: str


class Note(msgspec.Struct, tag="note"):
    name: str


alone = msgspec.json.decode(b'{"name": "x"}', type=Call)
print("alone, without its tag:", alone)
assert alone == Call("x")
try:
    msgspec.json.decode(b'{"name": "x"}', type=Call | Note)
except msgspec.ValidationError as error:
    print("in a union, without its tag:", error)
else:
    raise SystemExit("a union accepts it too now")
PY
