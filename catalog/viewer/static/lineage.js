// Where a recording came from, what was done to it, and what each version has of it.

import { address, get, make, page, tell } from "./api.js";

const at = (id) => document.getElementById(id);
const recording = new URLSearchParams(location.search).get("recording") || "";

const written = (value) => (typeof value === "string" ? value : JSON.stringify(value));

function correction(one) {
  const turned = [one.before, one.after].filter(Boolean).join(" → ");
  const who = make("span", { className: "quiet" }, `${one.author}, ${one.date.slice(0, 10)}`);
  return make("li", {}, `${one.action} ${turned} (${one.set}): ${one.reason} `, who);
}

function use(one, kind) {
  const what = one.split ? make("a", { href: page("splits", { split: one.split }) }, one.task) : one.task;
  return make("li", {}, `${kind} ${one.name} (${one.folds.join(", ")} of `, what, ")");
}

async function showUses() {
  const found = await get("/api/runs", { recording });
  const made = [...found.runs.map((one) => use(one, "run")), ...found.reports.map((one) => use(one, `report on ${one.chip}`))];
  const none = found.folders.length ? "no run or report in the folders named" : "not known: no folder of runs was named (--runs)";
  at("uses").replaceChildren(...(made.length ? made : [make("li", { className: "quiet" }, none)]));
}

async function begin() {
  try {
    const found = await get("/api/lineage", { recording });
    document.title = `Lineage of ${recording} – spikelake`;
    document.querySelector('link[rel="alternate"]').href = address("api/lineage", { recording });
    at("title").textContent = `Lineage of ${recording}`;
    at("reference").textContent = found.reference;
    at("player").href = page("player", { recording });
    at("player").hidden = false;
    const facts = [
      ["source", found.source],
      ["sha256 of the source", found.source_sha256],
      ["digest of the events", found.digest],
      ...Object.entries(found.provenance).filter(([name, value]) => name !== "source" || value !== found.source),
      ...Object.entries(found.labels).map(([set, text]) => [`labels: ${set}`, text]),
    ];
    at("origin").replaceChildren(...facts.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, written(value) || "–")]));
    const made = found.corrections.map(correction);
    at("corrections").replaceChildren(...(made.length ? made : [make("li", { className: "quiet" }, "none")]));
    at("versions").replaceChildren(...found.versions.map((one) =>
      make("tr", {}, make("th", { scope: "row" }, one.version), make("td", {}, one.events))));
    await showUses();
    document.body.dataset.ready = "1";
  } catch (error) {
    tell(at("notice"), error);
  }
}

begin();
