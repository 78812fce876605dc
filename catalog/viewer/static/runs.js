// Training runs and chip reports, each with the data that it is of.

import { get, make, page, tell } from "./api.js";

const at = (id) => document.getElementById(id);
const share = (value) => `${(100 * value).toFixed(1)} %`;

function report(one) {
  const ways = [["floats", one.float_accuracy], ["integers", one.integer_accuracy], ["by events", one.event_accuracy]];
  const said = ways.filter(([, value]) => value != null).map(([name, value]) => `${name} ${share(value)}`).join(", ");
  return make("div", {}, `${one.chip}: ${one.fits ? said : "does not fit"} `, make("span", { className: "quiet" }, one.name));
}

function row(one) {
  const name = make("th", { scope: "row" }, one.name);
  if (one.problem) return make("tr", {}, name, make("td", { colSpan: 6 }, one.problem));
  const same = one.data === "the same split";
  const task = one.split ? make("a", { href: page("splits", { split: one.split }) }, one.task) : one.task;
  const test = Object.entries(one.test).map(([what, value]) => `${what} ${/accuracy|recall|f1/.test(what) ? share(value) : Number(value.toPrecision(4))}`);
  return make("tr", {}, name, make("td", {}, one.recipe), make("td", { className: "prose" }, task),
    make("td", {}, make("span", { className: `badge ${same ? "fine" : "warning"}` }, one.data)),
    make("td", { className: "number" }, `${one.n_epochs} (best ${one.best_epoch ?? "–"})`),
    make("td", { className: "prose" }, test.join(", ")), make("td", { className: "prose" }, ...one.reports.map(report)));
}

async function begin() {
  try {
    const found = await get("/api/runs");
    at("reference").textContent = found.reference;
    at("rows").replaceChildren(...found.runs.map(row));
    at("count").textContent = found.folders.length
      ? `${found.runs.length} runs in ${found.folders.join(", ")}` : "No folder of runs was named: spikelake serve DATASET --runs FOLDER";
    document.body.dataset.ready = "1";
  } catch (error) {
    tell(at("notice"), error);
  }
}

begin();
