#!/usr/bin/env bash
# PyAV 18.1.0 (FFmpeg): a file of bare G.711, as telephone systems write it (.ul, .al), is taken to have
# 44,100 samples a second, though G.711 has 8,000 and nothing else. It plays five and a half times too fast,
# and nothing is said. Asterisk's .sln and a bare .g722 get their true rates by the same way of opening.
#
# Output seen: "one second of .ul: 0.181 s at 44100 Hz; of .al: 0.181 s at 44100 Hz; of .sln: 1.000 s at
# 8000 Hz; of .g722: 1.000 s at 16000 Hz"; with options={"sample_rate": "8000"}: 1.000 s
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check av==18.1.0 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import av


def read(name: str, **options: str) -> tuple[float, int]:
    with av.open(name, options=options) as file:
        frames = list(file.decode(audio=0))
    rate = frames[0].sample_rate
    return round(sum(frame.samples for frame in frames) / rate, 3), rate


seen = {}
for ending, size in (("ul", 8000), ("al", 8000), ("sln", 16000), ("g722", 8000)):
    with open(f"second.{ending}", "wb") as file:
        file.write(bytes(number % 251 for number in range(size)))
    seen[ending] = read(f"second.{ending}")
print("; ".join(f"of .{ending}: {length:.3f} s at {rate} Hz" for ending, (length, rate) in seen.items()))
assert seen == {
    "ul": (0.181, 44100),
    "al": (0.181, 44100),
    "sln": (1.0, 8000),
    "g722": (1.0, 16000),
}, seen
assert read("second.ul", sample_rate="8000") == (1.0, 8000)
PY
