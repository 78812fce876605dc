// The sound that a recording was made from, played in step with the picture of its events.

import { getAnswer, SITE } from "./api.js";

const PART_BYTES = 4 << 20;
const SLOWEST = 0.1; // a browser is silent below 1/16; slower than this nothing is understood
const FASTEST = 4;

export class Sound {
  // `origin_us` is the time of the sound at which the recording begins
  constructor(recording, { n_bytes, origin_us }) {
    Object.assign(this, { recording, n_bytes, origin_us, on: n_bytes > 0 });
    this.element = document.createElement("audio");
    this.element.preload = "auto";
  }

  // Fetch it once, in parts: a header with the token goes along, which a player cannot send.
  load() {
    this.loading ??= this.fetched().catch((error) => {
      this.loading = null;
      throw error;
    });
    return this.loading;
  }

  async fetched() {
    const parts = [];
    for (let at = 0; at < this.n_bytes; at += PART_BYTES) {
      const last = Math.min(at + PART_BYTES, this.n_bytes) - 1;
      const headers = SITE ? {} : { Range: `bytes=${at}-${last}` };
      const answer = await getAnswer("/api/sound", { recording: this.recording }, { headers });
      parts.push(await answer.blob());
      if (SITE) break; // a file comes whole
    }
    this.element.src = URL.createObjectURL(new Blob(parts, { type: "audio/wav" }));
    await new Promise((resolve, reject) => {
      this.element.addEventListener("canplaythrough", resolve, { once: true });
      this.element.addEventListener("error", () => reject(new Error("This browser cannot play the sound.")), { once: true });
    });
    document.body.dataset.sound = String(this.element.duration);
  }

  // Whether it can be heard at a speed.
  hears(speed) {
    return this.on && speed >= SLOWEST && speed <= FASTEST;
  }

  async play(t_us, speed) {
    if (!this.hears(speed)) return;
    await this.load();
    if (!this.wanted) return; // paused meanwhile
    this.element.playbackRate = speed;
    const at = (t_us + this.origin_us) / 1e6;
    if (at >= this.element.duration) return; // a sound may be shorter than what was made of it
    this.element.currentTime = at;
    await this.element.play();
    document.body.dataset.heard = String(Number(document.body.dataset.heard || 0) + 1);
  }

  pause() {
    this.element.pause();
  }

  // The recording's time at which the sound is, where it plays: what is seen follows what is heard.
  now() {
    const { paused, ended, seeking, currentTime } = this.element;
    return paused || ended || seeking ? null : Math.max(currentTime * 1e6 - this.origin_us, 0);
  }
}
