// Answers from the files of a site what the server would answer.

import { Refused } from "./api.js";

const PER_PAGE = 48;
const loaded = new Map();

async function file(path) {
  const answer = await fetch(path).catch(() => null);
  if (!answer?.ok) throw new Refused(answer?.status || 0, { message: `This site has no ${path}.` });
  return answer;
}

function once(path, read) {
  if (!loaded.has(path)) loaded.set(path, file(path).then(read));
  return loaded.get(path);
}

const json = (path) => once(path, (answer) => answer.json());
const unzipped = (answer) => new Response(answer.body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
const all = () => json("data/recordings.json");
const overview = () => json("data/overview.json");
const told = (content) => new Response(JSON.stringify(content));

async function stem(recording) {
  const at = (await all()).rows.findIndex((one) => one.recording_id === recording);
  if (at < 0) throw new Refused(404, { message: `This site has no recording '${recording}'.` });
  return `data/r/${String(at).padStart(6, "0")}`;
}

async function recordings({ where = "", name = "", sort = "", page = "1" }) {
  if (where) {
    throw new Refused(400, { message: "A site cannot search by expressions.", hint: "spikelake serve does; here, use the name." });
  }
  const whole = await all();
  const part = name.toLowerCase();
  const rows = whole.rows.filter((one) => one.recording_id.toLowerCase().includes(part));
  const column = sort.replace(/^-/, "");
  const at = whole.columns.indexOf(column);
  if (sort) {
    const value = (one) => (at < 0 ? one.recording_id : one.cells[at]);
    const sign = sort.startsWith("-") ? -1 : 1;
    const numbers = rows.every((one) => value(one) === "" || Number.isFinite(Number(value(one))));
    const order = (a, b) => (numbers ? Number(a) - Number(b) : a < b ? -1 : Number(a > b));
    rows.sort((a, b) => (value(a) === "") - (value(b) === "") || sign * order(value(a), value(b)));
  }
  const [n, first] = [Number(page) || 1, ((Number(page) || 1) - 1) * PER_PAGE];
  const numbers = { n_matched: rows.length, page: n, n_pages: Math.max(Math.ceil(rows.length / PER_PAGE), 1) };
  return told({ ...whole, ...numbers, rows: rows.slice(first, first + PER_PAGE) });
}

// Pictures were made at equal steps: one asked for is the one whose step it begins in.
async function frames({ recording, start_us, step_us = 0, count = 1 }) {
  const path = await stem(recording);
  const [facts, bytes] = await Promise.all([json(`${path}.json`), once(`${path}.frames`, unzipped)]);
  const { width, height, window_us } = facts.recording;
  const [size, stored] = [width * height, new Uint8Array(bytes)];
  const made = new Uint8Array(size * count);
  const counts = [];
  for (let k = 0; k < count; k++) {
    const at = Math.floor((Number(start_us) + k * Number(step_us)) / window_us);
    made.set(stored.subarray(at * size, (at + 1) * size), k * size);
    counts.push(facts.n_events[at] || 0);
  }
  return new Response(made, { headers: { "x-events": counts.join(",") } });
}

async function raster({ recording }) {
  const path = await stem(recording);
  const [facts, bytes] = await Promise.all([json(`${path}.json`), once(`${path}.frames`, unzipped)]);
  return new Response(bytes, { headers: { "x-rows": String(facts.rows) } });
}

const of = async (recording) => json(`${await stem(recording)}.json`);
const pair = (found, message) => {
  if (!found) throw new Refused(404, { message, hint: "A site compares each version with the next alone; spikelake serve any two." });
  return told(found);
};

const ANSWERS = {
  "/api/recordings": recordings,
  "/api/thumbnail": async ({ recording }) => file(`${await stem(recording)}.png`),
  "/api/frames": frames,
  "/api/raster": raster,
  "/api/sound": async ({ recording }) => file(`${await stem(recording)}.wav`),
  "/api/recording": async ({ recording }) => told((await of(recording)).recording),
  "/api/labels": async ({ recording, set }) => told((await of(recording)).labels[set]),
  "/api/rate": async ({ recording }) => told((await of(recording)).rate),
  "/api/hot": async ({ recording }) => told((await of(recording)).hot),
  "/api/lineage": async ({ recording }) => told((await of(recording)).lineage),
  "/api/findings": async () => told((await overview()).findings),
  "/api/runs": async ({ recording, split }) => {
    const { runs } = await overview();
    const folds = recording ? (await of(recording)).folds : {};
    const meant = (list) => list.map((one) => ({ ...one, folds: [...new Set(one.same.flatMap((name) => folds[name] || []))] }))
      .filter((one) => (!recording || one.folds.length) && (!split || one.same.includes(split)));
    const used = meant(runs.runs).map((one) => ({ ...one, reports: meant(one.reports || []) }));
    return told({ ...runs, runs: used, reports: meant(runs.reports) });
  },
  "/api/splits": async () => told((await overview()).splits),
  "/api/split": async ({ split, by }) => told((await overview()).split[`${split}/${by}`]),
  "/api/versions": async () => told((await overview()).versions),
  "/api/diff": async ({ before, after }) => pair((await overview()).diff[`${before}/${after}`], `This site does not compare ${before} with ${after}.`),
};

export const answer = (path, parameters = {}) => ANSWERS[path](parameters);
