// Training runs and chip reports, each with the data that it is of.

import { address, get, make, page, SITE, tell } from "./api.js";

const at = (id) => document.getElementById(id);
const share = (value) => `${(100 * value).toFixed(1)} %`;
const search = new URLSearchParams(location.search);
const [recording, split] = [search.get("recording") || "", search.get("split") || ""];

function right(one) {
  const ways = [["floats", one.float_accuracy], ["integers", one.integer_accuracy], ["by events", one.event_accuracy]];
  const said = ways.filter(([, value]) => value != null).map(([name, value]) => `${name} ${share(value)}`).join(", ");
  return one.fits ? said : "does not fit";
}

function report(one) {
  return make("div", {}, `${one.chip}: ${right(one)} `, make("span", { className: "quiet" }, one.name));
}

function cited(one) {
  const of = one.fold ? ` (${one.fold})` : "";
  if (!one.task) return "not told";
  return make("span", {}, one.split ? make("a", { href: page("splits", { split: one.split }) }, one.task) : one.task, of);
}

function data(one) {
  const here = /^the same/.test(one.data);
  const badge = make("span", { className: `badge ${here ? "fine" : "warning"}` }, one.data);
  const folds = one.folds?.length ? ` this recording: ${one.folds.join(", ")}` : "";
  return make("td", { className: "prose" }, badge, folds);
}

function row(one) {
  const name = make("th", { scope: "row" }, one.name);
  if (one.problem) return make("tr", {}, name, make("td", { colSpan: 6, className: "prose" }, one.problem));
  const test = Object.entries(one.test).map(([what, value]) => `${what} ${/accuracy|recall|f1/.test(what) ? share(value) : Number(value.toPrecision(4))}`);
  return make("tr", {}, name, make("td", {}, one.recipe), make("td", { className: "prose" }, cited(one)), data(one),
    make("td", { className: "number" }, `${one.n_epochs} (best ${one.best_epoch ?? "–"})`),
    make("td", { className: "prose" }, test.join(", ")), make("td", { className: "prose" }, ...one.reports.map(report)));
}

function reportRow(one) {
  return make("tr", {}, make("th", { scope: "row" }, one.name), make("td", {}, one.chip),
    make("td", { className: "prose" }, cited(one)), data(one), make("td", { className: "prose" }, right(one)));
}

function fill(id, none, rows) {
  at(id).replaceChildren(...rows);
  at(id).closest(".scroll").hidden = !rows.length;
  at(none).hidden = rows.length > 0;
}

async function begin() {
  const asked = { recording, split };
  document.querySelector('link[rel="alternate"]').href = address("api/runs", asked);
  try {
    const found = await get("/api/runs", asked);
    at("reference").textContent = found.reference;
    fill("rows", "noRuns", found.runs.map(row));
    fill("reports", "noReports", found.reports.map(reportRow));
    at("about").hidden = !recording && !split;
    at("which").textContent = `Those that used ${recording ? `the recording ${recording}` : `the split ${split}`}.`;
    at("all").href = page("runs");
    const named = SITE ? "This site was written without runs." : "No folder of runs was named: spikelake serve DATASET --runs FOLDER";
    const counts = `${found.runs.length} ${found.runs.length === 1 ? "run" : "runs"} and ${found.reports.length} other ${found.reports.length === 1 ? "report" : "reports"} in ${found.folders.join(", ")}`;
    at("count").textContent = found.folders.length ? counts : named;
    document.body.dataset.ready = "1";
  } catch (error) {
    tell(at("notice"), error);
  }
}

begin();
