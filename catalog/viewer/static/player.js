// Play one recording: a clock, a window of time, and what the events in it look like.

import { address, get, make, page, seconds, shown, tell, SITE } from "./api.js";
import { Editor } from "./editing.js";
import { Frames, framesOf, rasterOf, Screen } from "./frames.js";
import { Sound } from "./sound.js";
import { Timeline } from "./timeline.js";

const at = (id) => document.getElementById(id);
const FRAMES_A_SECOND = 60;
const RASTER_BINS = 900;

const search = new URLSearchParams(location.search);
const recording = search.get("recording") || "";
const state = { t: Number(search.get("t")) || 0, window: 0, playing: false, loop: false, speed: 1 };
const among = Object.fromEntries(["where", "name", "sort"].map((name) => [name, search.get(name) || ""]));
const screen = new Screen(at("picture"));
let facts, frames, timeline, clock, single, raster, editor, sound, rasterAsked;

const end = () => Math.max(facts.t_stop_us, 1);
const isRaster = () => at("view").value === "raster";
const clamped = (t) => Math.round(Math.min(Math.max(t, 0), Math.max(end() - 1, 0)));

// The slider's 0 … 100 stand for 100 µs … 10 s, each step the same factor.
const fromSlider = (value) => Number((100 * 10 ** (value / 20)).toPrecision(2));
const toSlider = (us) => Math.round(20 * Math.log10(us / 100));

function fail(error) {
  if (error.name === "AbortError") return;
  pause();
  at("desk").hidden = !facts; // there is nothing to play
  tell(at("notice"), error);
}

// The slider's nearest step of a time, or the next that is not less.
const stepOf = (us, round = Math.round) => fromSlider(round(20 * Math.log10(us / 100)));

function readout(n) {
  const until = Math.min(state.t + state.window, end());
  const rate = n == null ? "" : ` · ${n.toLocaleString("en")} events · ${shown(String(n / state.window))} Mev/s`;
  at("readout").textContent = `${seconds(state.t)} – ${seconds(until)} of ${seconds(end())}${rate}`;
}

function place() {
  at("position").value = String(state.t);
  at("position").setAttribute("aria-valuetext", `${seconds(state.t)} of ${seconds(end())}`);
  timeline.move(state.t, state.window);
}

function drawn(pixels, n) {
  screen.draw(pixels, facts.width, facts.height);
  readout(n);
  place();
  document.body.dataset.t = String(state.t);
}

// Show the window as it stands; a later call overtakes an earlier one.
async function show() {
  place();
  single?.abort();
  single = new AbortController();
  try {
    if (isRaster()) {
      await showRaster(single.signal);
    } else {
      const asked = { start_us: state.t, window_us: state.window, count: 1 };
      const found = await framesOf(recording, asked, single.signal);
      drawn(found.bytes, found.counts[0]);
    }
    tell(at("notice"), null);
    keepPlace();
  } catch (error) {
    fail(error);
  }
}

// The address leads to what is seen; a browser allows only some changes of it a second.
let placing;
function keepPlace() {
  clearTimeout(placing);
  placing = setTimeout(() => {
    history.replaceState(null, "", address(location.pathname, { recording, ...among, t: state.t || "" }));
  }, 300);
}

// A page of the raster stays while the play runs through it.
async function showRaster(signal) {
  const span = Math.max(state.window, 1);
  const start = Math.floor(state.t / span) * span;
  const key = `${start}/${span}`;
  if (raster?.key !== key) {
    if (rasterAsked?.key === key && !rasterAsked.signal.aborted) return; // it is on its way
    const mine = { key, signal };
    rasterAsked = mine;
    const asked = { start_us: start, stop_us: start + span, bins: RASTER_BINS };
    const found = await rasterOf(recording, asked, signal).finally(() => {
      if (rasterAsked === mine) rasterAsked = null;
    });
    raster = { key, ...found };
    const flipped = new Uint8Array(raster.bytes.length); // high channels above
    for (let row = 0; row < raster.rows; row++) {
      const line = raster.bytes.subarray(row * RASTER_BINS, (row + 1) * RASTER_BINS);
      flipped.set(line, (facts.modality === "audio" ? raster.rows - 1 - row : row) * RASTER_BINS);
    }
    screen.draw(flipped, RASTER_BINS, raster.rows);
  }
  const overlay = at("overlay");
  Object.assign(overlay, { width: RASTER_BINS, height: 100 });
  const context = overlay.getContext("2d");
  context.fillStyle = getComputedStyle(document.body).getPropertyValue("--accent");
  context.fillRect(((state.t - start) / span) * RASTER_BINS, 0, 2, 100);
  readout(null);
  at("readout").append(facts.modality === "audio" ? ` · ${raster.rows} channels, 0 below` : ` · ${raster.rows} rows of pixels, 0 above`);
  place();
  document.body.dataset.t = String(state.t);
}

function tick(now) {
  if (!state.playing) return;
  requestAnimationFrame(tick);
  const step = frames.step_us;
  const heard = sound?.now();
  if (heard != null) Object.assign(clock, { t: heard, wall: now });
  const t = clock.t + Math.max(now - clock.wall, 0) * 1000 * state.speed; // a picture's time may lie before
  if (t >= end()) {
    if (!state.loop) {
      state.t = clamped(end() - state.window);
      pause();
      show();
      return;
    }
    restart(0);
    return;
  }
  if (isRaster()) {
    state.t = Math.floor(t);
    showRaster(single.signal).catch(fail);
    return;
  }
  const k = Math.floor(t / step);
  if (k === clock.k) return;
  try {
    const frame = frames.at(k);
    if (!frame) { // wait for it: the clock stands still meanwhile
      Object.assign(clock, { t: k * step, wall: now });
      return;
    }
    clock.k = k;
    state.t = k * step;
    drawn(frame.pixels, frame.n);
    document.body.dataset.drawn = String(++clock.drawn);
  } catch (error) {
    fail(error);
  }
}

function restart(t) {
  clock = { t, wall: performance.now(), k: -1, drawn: clock?.drawn || 0 };
  const step = Math.max(Math.round((state.speed * 1e6) / FRAMES_A_SECOND), 1);
  frames.set(state.window, step, end());
  listenTo(t);
}

// Let the sound begin where the picture does; what goes wrong with it does not stop the picture.
function listenTo(t) {
  if (!sound) return;
  sound.pause();
  sound.wanted = state.playing;
  if (!state.playing) return;
  sound.play(t, state.speed).then(() => tellSound(), (error) => {
    if (error.name !== "AbortError") tellSound(error.message);
  });
}

function tellSound(problem = "") {
  const { sound: kept } = facts;
  const slow = sound?.on && !sound.hears(state.speed) ? "Silent at this speed." : "";
  at("soundSaid").textContent = problem || (kept.problem && `No sound: ${kept.problem}.`) || slow;
}

function play() {
  if (state.playing) return;
  single?.abort();
  single = new AbortController();
  state.playing = true;
  pressed("play", true, "Pause");
  restart(state.t + 1 >= end() - 1 || state.t + state.window >= end() ? 0 : state.t);
  requestAnimationFrame(tick);
}

function pause() {
  state.playing = false;
  listenTo(0);
  pressed("play", false, "Play");
}

function pressed(id, is, text) {
  at(id).setAttribute("aria-pressed", String(is));
  if (text) at(id).textContent = text;
}

function seek(t) {
  state.t = clamped(t);
  if (state.playing) restart(state.t);
  else show();
}

function setWindow(us) {
  if (SITE) us = facts.window_us;
  state.window = us;
  at("window").value = String(toSlider(us));
  at("window").setAttribute("aria-valuetext", seconds(us));
  at("windowShown").textContent = seconds(us);
  if (state.playing) restart(state.t);
  else show();
}

function setLoop(is) {
  state.loop = is;
  pressed("loop", is);
}

async function showHot() {
  const overlay = at("overlay");
  const context = overlay.getContext("2d");
  if (!at("hot").checked || isRaster()) {
    context.clearRect(0, 0, overlay.width, overlay.height);
    return;
  }
  try {
    const found = await get("/api/hot", { recording });
    const scale = 4;
    Object.assign(overlay, { width: facts.width * scale, height: facts.height * scale });
    context.strokeStyle = "#d946ef";
    context.lineWidth = 2;
    for (const { x, y } of found.pixels) {
      context.beginPath();
      context.arc((x + 0.5) * scale, (y + 0.5) * scale, 2.5 * scale, 0, 2 * Math.PI);
      context.stroke();
    }
    const until = found.until_us < end() ? ` in the first ${seconds(found.until_us)}` : "";
    at("hot").parentElement.title = `${found.pixels.length} hot pixels${until}`;
    overlay.dataset.found = String(found.pixels.length);
  } catch (error) {
    fail(error);
  }
}

const KEYS = {
  " ": () => (state.playing ? pause() : play()),
  ArrowLeft: (e) => seek(state.t - state.window * (e.shiftKey ? 10 : 1)),
  ArrowRight: (e) => seek(state.t + state.window * (e.shiftKey ? 10 : 1)),
  Home: () => seek(0),
  End: () => seek(end() - state.window),
  l: () => setLoop(!state.loop),
  h: () => at("hot").click(),
  s: () => at("sound").click(),
  n: () => leave("after"),
  p: () => leave("before"),
  "+": () => setWindow(fromSlider(Math.min(toSlider(state.window) + 5, 100))),
  "-": () => setWindow(fromSlider(Math.max(toSlider(state.window) - 5, 0))),
};

function leave(side) {
  if (facts[side]) location.assign(at(side).href); // unsaved edits are asked about
}

function listen() {
  at("play").addEventListener("click", () => (state.playing ? pause() : play()));
  at("back").addEventListener("click", () => { pause(); seek(state.t - state.window); });
  at("forth").addEventListener("click", () => { pause(); seek(state.t + state.window); });
  at("loop").addEventListener("click", () => setLoop(!state.loop));
  at("speed").addEventListener("change", () => {
    state.speed = Number(at("speed").value);
    tellSound();
    if (state.playing) restart(state.t);
  });
  at("window").addEventListener("input", () => setWindow(fromSlider(Number(at("window").value))));
  at("position").addEventListener("input", () => seek(Number(at("position").value)));
  at("hot").addEventListener("change", showHot);
  at("sound").addEventListener("change", () => {
    sound.on = at("sound").checked;
    if (state.playing) restart(state.t);
    tellSound();
  });
  at("view").addEventListener("change", () => {
    at("screen").dataset.view = at("view").value;
    raster = null;
    at("overlay").getContext("2d").clearRect(0, 0, at("overlay").width, at("overlay").height);
    showHot();
    show();
  });
  document.addEventListener("keydown", (event) => {
    const { target } = event;
    const own = target.matches("select, textarea, input:not([type=range]):not([type=checkbox]), #window, .interval");
    const pressesIt = event.key === " " && target.matches("button, summary, a, input[type=checkbox]");
    if (own || pressesIt || event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
    event.preventDefault();
    KEYS[event.key](event);
  });
}

function describe() {
  document.title = `${recording} – spikelake`;
  at("title").textContent = recording;
  at("reference").textContent = facts.reference;
  document.querySelector('link[rel="alternate"]').href = address("api/recording", { recording });
  at("lineage").hidden = false;
  at("lineage").href = page("lineage", { recording });
  for (const side of ["before", "after"]) {
    at(side).hidden = !facts[side];
    at(side).href = page("player", { recording: facts[side], ...among });
  }
  at("among").textContent = `${facts.place.toLocaleString("en")} of ${facts.n.toLocaleString("en")}`;
  at("among").href = page(SITE ? "index" : "./", among);
  at("among").title = Object.values(among).some(Boolean) ? "Back to the recordings that were asked for" : "Back to all recordings";
  const rows = Object.entries(facts.facts).filter(([name]) => !/digest|sha256/.test(name));
  at("facts").replaceChildren(...rows.flatMap(([name, text]) => [make("dt", {}, name), make("dd", {}, shown(text))]));
  const sets = facts.label_sets.length || !facts.edit ? facts.label_sets : ["class"]; // to be begun
  at("set").replaceChildren(...sets.map((name) => make("option", { value: name }, name)));
}

function listed(intervals, chosen) {
  const items = intervals.map((one, k) => {
    const button = make("button", { type: "button", className: "plain" }, one.label);
    button.addEventListener("click", () => chosen(k));
    const span = make("span", { className: "quiet" }, `${seconds(one.start_us)} – ${seconds(one.stop_us)}`);
    return make("li", {}, button, " ", span);
  });
  const none = make("p", { className: "quiet" }, "None of this set.");
  at("labels").replaceChildren(items.length ? make("ul", { className: "plainlist" }, ...items) : none);
}

async function showLabels() {
  const set = at("set").value;
  if (!set) {
    at("labels").replaceChildren(make("p", { className: "quiet" }, "No label set."));
    return;
  }
  const found = await get("/api/labels", { recording, set });
  if (facts.edit) {
    editor ??= new Editor({ recording, timeline, end, listed, now: () => state.t, window: () => state.window, seek: (t) => { pause(); seek(t); } });
    editor.load(found);
    return;
  }
  const chosen = (k) => { pause(); seek(found.intervals[k].start_us); };
  timeline.show(found.intervals, chosen);
  listed(found.intervals, chosen);
}

// The pictures of a site have one window and one view.
function siteOnly(sound) {
  state.window = facts.window_us;
  at("window").disabled = true;
  at("view").querySelector(sound ? "[value=frames]" : "[value=raster]").disabled = true;
}

async function begin() {
  try {
    facts = await get("/api/recording", { recording, ...among });
    describe();
    frames = new Frames(recording, facts.width, facts.height);
    timeline = new Timeline({ canvas: at("rate"), lane: at("lane"), head: at("head") }, end(), (t) => seek(t));
    at("position").max = String(end());
    const isSound = facts.modality === "audio";
    if (isSound) at("view").value = "raster";
    at("view").querySelector("[value=frames]").disabled = isSound;
    at("hot").parentElement.hidden = isSound;
    at("soundField").hidden = !facts.sound.n_bytes;
    if (facts.sound.n_bytes) sound = new Sound(recording, { ...facts.sound, origin_us: facts.t_origin_us });
    tellSound();
    at("screen").dataset.view = at("view").value;
    state.window = isSound ? stepOf(Math.max(Math.min(end(), 2e6), 100), Math.ceil) : stepOf(Math.min(Math.max(end() / 20, 100), 33_000));
    state.t = clamped(state.t);
    if (SITE) siteOnly(isSound);
    listen();
    setWindow(state.window);
    at("set").addEventListener("change", () => {
      if (editor?.corrections.steps.length) { // another set would lose them
        at("set").value = editor.found.set;
        editor.say("Save or undo your edits first.");
      } else {
        showLabels().catch(fail);
      }
    });
    await Promise.all([timeline.load(recording), showLabels()]);
    document.body.dataset.ready = "1";
  } catch (error) {
    fail(error);
  }
}

begin();
