// How loud the visitor's microphone and the room are, measured here.

import { share } from "./level.js";

export class Meters {
  constructor() {
    this.context = new AudioContext();
    this.followed = [];
    this.timer = setInterval(() => this.measure(), 50);
  }

  follow(stream, meter) {
    const analyser = this.context.createAnalyser();
    analyser.fftSize = 2048;
    this.context.createMediaStreamSource(stream).connect(analyser);
    this.followed.push({ analyser, meter, samples: new Float32Array(analyser.fftSize) });
  }

  measure() {
    if (this.context.state === "suspended") this.context.resume().catch(() => {});
    for (const { analyser, meter, samples } of this.followed) {
      analyser.getFloatTimeDomainData(samples);
      let peak = 0;
      for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
      // Falls slowly, so that the eye can follow.
      meter.value = Math.max(share(peak), meter.value - 0.05);
    }
  }

  close() {
    clearInterval(this.timer);
    for (const { meter } of this.followed) meter.value = 0;
    this.context.close();
  }
}
