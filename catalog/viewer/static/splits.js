// Samples of each fold by label or group, with what the checks for leakage found.

import { address, get, make, page, tell } from "./api.js";

const at = (id) => document.getElementById(id);
const said = (n, what) => `${n.toLocaleString("en")} ${what}${n === 1 ? "" : "s"}`;
let list;

function badges(leakage) {
  const { errors, warnings } = leakage;
  let state = ["fine", "no leakage found"];
  if (warnings) state = ["warning", said(warnings, "warning")];
  if (errors) state = ["error", said(errors, "error")];
  const how = leakage.kept ? "kept report" : "checked now";
  const searched = leakage.searched ? "near-duplicates sought" : "near-duplicates not sought: spikelake split check";
  at("badges").replaceChildren(make("span", { className: `badge ${state[0]}` }, state[1]), ` ${how}; ${searched}`);
  at("leakHead").hidden = !leakage.findings.length;
  at("leaks").replaceChildren(...leakage.findings.map((one) =>
    make("li", {}, make("span", { className: `badge ${one.severity}` }, one.severity), ` ${one.where}: ${one.message}`)));
}

function matrix(found) {
  const most = Math.max(...found.rows.flatMap((one) => one.counts), 1);
  const apart = found.by !== "label"; // groups should lie in one fold each, labels in all
  at("head").replaceChildren(
    make("th", { scope: "col" }, make("span", {}, found.by)),
    ...found.folds.map((fold) => make("th", { scope: "col", className: "number" }, make("span", {}, fold))),
  );
  at("rows").replaceChildren(...found.rows.map((one) => {
    const cells = one.counts.map((n) => {
      const cell = make("td", { className: "number heat" }, n ? n.toLocaleString("en") : "–");
      cell.style.setProperty("--heat", String(n / most));
      return cell;
    });
    const name = make("th", { scope: "row" }, one.name);
    if (apart && one.shared) name.append(" ", make("span", { className: "badge warning" }, "in several folds"));
    return make("tr", {}, name, ...cells);
  }));
}

function ruleText({ name, ...options }) {
  const isEmpty = (value) => value === "" || value == null || JSON.stringify(value) === "{}";
  const written = (value) => (typeof value === "string" ? value : JSON.stringify(value));
  const told = Object.entries(options).filter(([, value]) => !isEmpty(value)).map(([what, value]) => `${what.replaceAll("_", " ")} ${written(value)}`);
  return `rule ${name ?? "unknown"}${told.length ? `: ${told.join(", ")}` : ""}`;
}

// Which runs and reports used the split, where folders of them were named.
async function uses(split) {
  const found = await get("/api/runs", { split });
  const n = found.runs.length + found.reports.length;
  at("used").hidden = !found.folders.length;
  at("uses").textContent = `${said(found.runs.length, "run")} and ${said(found.reports.length, "chip report")} used it`;
  at("uses").href = page("runs", n ? { split } : {});
}

async function show() {
  const [split, by] = [at("split").value, at("by").value];
  history.replaceState(null, "", address(location.pathname, { split, by }));
  document.querySelector('link[rel="alternate"]').href = address("api/split", { split, by });
  const one = list.splits.find((s) => s.name === split);
  const folds = Object.entries(one.folds).map(([fold, n]) => `${fold} ${n.toLocaleString("en")}`).join(", ");
  at("about").textContent = `${folds} · labels ${one.label_set} · ${ruleText(one.rule)} · digest ${one.digest.slice(0, 12)}`;
  try {
    const found = await get("/api/split", { split, by });
    matrix(found);
    badges(found.leakage);
    const more = found.n_rows > found.rows.length ? ` · the fullest ${found.rows.length} of ${found.n_rows} rows` : "";
    at("about").append(more);
    await uses(split);
    tell(at("notice"), null);
    document.body.dataset.ready = `${split}/${by}`;
  } catch (error) {
    tell(at("notice"), error);
  }
}

async function begin() {
  try {
    list = await get("/api/splits");
    at("reference").textContent = list.reference;
    if (!list.splits.length) {
      at("about").textContent = "No split yet: spikelake split make DATASET NAME";
      return;
    }
    const asked = new URLSearchParams(location.search);
    at("split").replaceChildren(...list.splits.map(({ name }) => make("option", { value: name }, name)));
    at("by").replaceChildren(...list.columns.map((name) => make("option", { value: name }, name)));
    for (const id of ["split", "by"]) {
      if ([...at(id).options].some((option) => option.value === asked.get(id))) at(id).value = asked.get(id);
      at(id).addEventListener("change", show);
    }
    await show();
  } catch (error) {
    tell(at("notice"), error);
  }
}

begin();
