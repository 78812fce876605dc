// What a curator should look at; each finding leads to its place in the player.

import { get, make, page, tell } from "./api.js";

const at = (id) => document.getElementById(id);
let found;

function row(one) {
  const to = one.place && page("player", { recording: one.place.recording, t: String(one.place.t_us) });
  const where = to ? make("a", { href: to }, one.where) : one.where;
  return make("tr", {},
    make("td", {}, make("span", { className: `badge ${one.severity}` }, one.severity)),
    make("th", { scope: "row" }, where),
    make("td", { className: "prose" }, one.message),
    make("td", {}, one.check),
    make("td", { className: "prose quiet" }, one.fix),
  );
}

function show() {
  const [severity, check] = [at("severity").value, at("check").value];
  const rows = found.findings.filter((f) => (!severity || f.severity === severity) && (!check || f.check === check));
  at("rows").replaceChildren(...rows.map(row));
  const counts = ["error", "warning", "info"].map((name) => `${found.counts[name] || 0} ${name}`).join(", ");
  const more = found.n_findings > found.findings.length ? `; the first ${found.findings.length} are listed` : "";
  at("count").textContent = `${found.n_findings} findings (${counts})${more}; ${rows.length} shown`;
}

async function begin() {
  try {
    found = await get("/api/findings");
    at("reference").textContent = found.reference;
    const checks = [...new Set(found.findings.map((f) => f.check))].sort();
    at("check").append(...checks.map((name) => make("option", {}, name)));
    for (const id of ["severity", "check"]) at(id).addEventListener("change", show);
    show();
    document.body.dataset.ready = "1";
  } catch (error) {
    at("count").textContent = "";
    tell(at("notice"), error);
  }
}

begin();
