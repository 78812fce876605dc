// The recording from begin to end: its rate, its label intervals, where the window stands.

import { get, make, seconds } from "./api.js";

const BINS = 400;

export const hue = (name) => [...name].reduce((sum, c) => (sum * 31 + c.codePointAt(0)) % 360, 7);

export class Timeline {
  constructor({ canvas, lane, head }, end_us, seek) {
    Object.assign(this, { canvas, lane, head, end_us: Math.max(end_us, 1) });
    canvas.addEventListener("pointerdown", (event) => {
      const box = canvas.getBoundingClientRect();
      seek(((event.clientX - box.left) / box.width) * this.end_us);
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  share(us) {
    return `${(100 * Math.min(Math.max(us / this.end_us, 0), 1)).toFixed(4)}%`;
  }

  async load(recording) {
    const span = { start_us: 0, stop_us: this.end_us, bins: BINS };
    this.rate = await get("/api/rate", { recording, ...span });
    this.draw();
  }

  draw() {
    if (!this.rate) return;
    const { counts } = this.rate;
    const [width, height] = [counts.length * 2, 72];
    Object.assign(this.canvas, { width, height });
    const context = this.canvas.getContext("2d");
    const most = Math.max(...counts, 1);
    context.fillStyle = getComputedStyle(document.body).getPropertyValue("--quiet");
    counts.forEach((n, k) => {
      const tall = n ? Math.max((n / most) * (height - 4), 1) : 0;
      context.fillRect(2 * k, height - tall, 2, tall);
    });
    const peak = Math.round((most * counts.length * 1e6) / this.end_us);
    this.canvas.setAttribute("aria-label", `Rate of events over time, at most ${peak.toLocaleString("en")} a second`);
  }

  move(us, window_us) {
    this.head.style.left = this.share(us);
    this.head.style.width = this.share(window_us);
  }

  // Draw label intervals, those that overlap below each other; `chosen` is called with the index.
  show(intervals, chosen) {
    const ends = [];
    const made = intervals.map((one, k) => {
      let row = ends.findIndex((end) => end <= one.start_us);
      if (row < 0) row = ends.push(0) - 1;
      ends[row] = one.stop_us;
      const said = `${one.label}: ${seconds(one.start_us)} to ${seconds(one.stop_us)}`;
      const button = make("button", { type: "button", className: "interval", title: said, "aria-label": said });
      button.append(make("span", {}, one.label));
      button.style.left = this.share(one.start_us);
      button.style.width = this.share(one.stop_us - one.start_us);
      button.style.top = `${row * 26}px`;
      button.style.setProperty("--hue", hue(one.label));
      button.addEventListener("click", () => chosen(k));
      return button;
    });
    this.lane.replaceChildren(...made);
    this.lane.style.height = `${Math.max(ends.length, 1) * 26}px`;
    return made;
  }
}
