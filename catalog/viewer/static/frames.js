// Pictures of counts: asked for some at a time ahead of the play, coloured by a table of 256.

import { getAnswer } from "./api.js";

const BATCH_BYTES = 4e6;
const KEPT = 8; // batches
const AHEAD = 2;

export const dark = () => matchMedia("(prefers-color-scheme: dark)").matches;

function mixed(a, b, share) {
  return a.map((value, k) => Math.round(value + (b[k] - value) * share));
}

// One byte: ON in the high four bits, OFF in the low. Blue ON, orange OFF, violet both.
export function colours() {
  const ground = dark() ? [11, 16, 22] : [255, 255, 255];
  const [on, off] = dark() ? [[110, 168, 255], [255, 157, 92]] : [[29, 78, 216], [217, 72, 6]];
  const table = new Uint32Array(256);
  for (let code = 0; code < 256; code++) {
    const [ups, downs] = [code >> 4, code & 15];
    const total = ups + downs;
    const hue = mixed(off, on, total ? ups / total : 0);
    const [r, g, b] = mixed(ground, hue, total ? 1 - 0.5 ** (0.6 + total) : 0);
    table[code] = (255 << 24) | (b << 16) | (g << 8) | r;
  }
  return table;
}

export class Screen {
  constructor(canvas) {
    this.canvas = canvas;
    this.table = colours();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.table = colours();
      if (this.last) this.draw(...this.last);
    });
  }

  draw(pixels, width, height) {
    if (this.canvas.width !== width || this.canvas.height !== height || !this.image) {
      Object.assign(this.canvas, { width, height });
      this.context = this.canvas.getContext("2d", { alpha: false });
      this.image = this.context.createImageData(width, height);
      this.words = new Uint32Array(this.image.data.buffer);
    }
    const { words, table } = this;
    for (let k = 0; k < words.length; k++) words[k] = table[pixels[k]];
    this.context.putImageData(this.image, 0, 0);
    this.last = [pixels, width, height];
  }
}

// Frames on a grid of time: frame k begins at k · step. Batches are kept and fetched ahead.
export class Frames {
  constructor(recording, width, height) {
    Object.assign(this, { recording, width, height, batches: new Map(), key: "" });
    this.size = Math.min(Math.max(Math.floor(BATCH_BYTES / (width * height)), 1), 32);
  }

  set(window_us, step_us, end_us) {
    const key = `${window_us}/${step_us}`;
    if (key === this.key) return;
    this.forget();
    Object.assign(this, { key, window_us, step_us, end_us });
  }

  forget() {
    for (const batch of this.batches.values()) batch.abort.abort();
    this.batches.clear();
  }

  // Return frame k if it is here, and see that those behind it come.
  at(k) {
    const wanted = Math.floor(k / this.size);
    for (let b = wanted; b <= wanted + AHEAD; b++) {
      if (b * this.size * this.step_us <= this.end_us) this.fetch(b);
    }
    const batch = this.batches.get(wanted);
    if (batch?.error) throw batch.error;
    if (!batch?.bytes) return null;
    const pixels = this.width * this.height;
    const offset = (k - wanted * this.size) * pixels;
    return { pixels: batch.bytes.subarray(offset, offset + pixels), n: batch.counts[k - wanted * this.size] };
  }

  fetch(b) {
    if (this.batches.has(b)) return;
    const batch = { abort: new AbortController() };
    this.batches.set(b, batch);
    for (const old of this.batches.keys()) {
      if (this.batches.size <= KEPT) break;
      if (old !== b) {
        this.batches.get(old).abort.abort();
        this.batches.delete(old);
      }
    }
    const asked = { start_us: b * this.size * this.step_us, window_us: this.window_us, step_us: this.step_us };
    framesOf(this.recording, { ...asked, count: this.size }, batch.abort.signal).then(
      (found) => Object.assign(batch, found),
      (error) => { if (error.name !== "AbortError") batch.error = error; },
    );
  }
}

export async function framesOf(recording, asked, signal) {
  const answer = await getAnswer("/api/frames", { recording, ...asked }, { signal });
  const counts = answer.headers.get("x-events").split(",").map(Number);
  return { bytes: new Uint8Array(await answer.arrayBuffer()), counts };
}

export async function rasterOf(recording, asked, signal) {
  const answer = await getAnswer("/api/raster", { recording, ...asked }, { signal });
  const rows = Number(answer.headers.get("x-rows"));
  return { bytes: new Uint8Array(await answer.arrayBuffer()), rows };
}
