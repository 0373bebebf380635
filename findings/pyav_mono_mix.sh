#!/usr/bin/env bash
# PyAV 18.1.0: AudioResampler(format="flt", layout="mono") does not average the two channels of a stereo
# frame: it adds them at 1/sqrt(2) each. Equal channels come out 3 dB louder, so that a loud stereo
# recording clips when it is written back as 16 bits. A reader that wants a mean must take it itself.
#
# Output seen: "left 3000, right 1000: 2828 (a mean would be 2000)"
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check av==18.1.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PY'
import av
import numpy as np

stereo = np.repeat(np.array([[3000], [1000]], dtype=np.int16), 480, axis=1).T.reshape(1, -1)
frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(stereo), format="s16", layout="stereo")
frame.sample_rate = 24_000
mono = av.AudioResampler(format="flt", layout="mono", rate=24_000).resample(frame)[0].to_ndarray()
value = round(float(mono[0, 240]) * 32768)
print(f"left 3000, right 1000: {value} (a mean would be 2000)")
assert value == 2828, value
PY
