// What the tests say to each client: 24 kHz, 16 bits, one channel, a frame of 20 ms at a time.
import { readFileSync } from "node:fs";

const FRAME = 960;
const SILENT = 60;

export const speak = async (send) => {
  const said = readFileSync(process.env.SAID);
  for (let at = 0; at < said.length + SILENT * FRAME; at += FRAME) {
    const frame = Buffer.alloc(FRAME);
    if (at < said.length) said.copy(frame, 0, at, at + FRAME);
    send(frame);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

// Waits until something holds, and looks again whenever it is woken.
export class News {
  #wake = () => {};

  tell() {
    this.#wake();
  }

  async until(holds) {
    while (!holds()) await new Promise((resolve) => (this.#wake = resolve));
  }
}
