// Versions of the dataset, and what changed from one to another.

import { address, get, make, page, tell } from "./api.js";

const at = (id) => document.getElementById(id);

function version(one) {
  const numbers = [one.n_recordings, one.n_events].map((n) => make("td", { className: "number" }, n.toLocaleString("en")));
  return make("tr", {}, make("th", { scope: "row" }, one.version), make("td", {}, one.date.replace("T", " ").slice(0, 16)),
    make("td", { className: "prose" }, one.message), ...numbers, make("td", { className: "quiet" }, one.digest.slice(0, 12)));
}

function change(one) {
  const recording = one.name.replace(/#\d+-\d+$/, "");
  const leads = /^(label|recording)$/.test(one.what) && one.how !== "removed";
  const name = leads ? make("a", { href: page("player", { recording }) }, one.name) : one.name;
  const what = one.of ? `${one.what} of ${one.of}` : one.what;
  return make("tr", {}, make("td", {}, one.how), make("td", {}, what), make("th", { scope: "row" }, name),
    make("td", { className: "prose" }, one.before), make("td", { className: "prose" }, one.after), make("td", {}, one.bump));
}

async function compare() {
  const [before, after] = [at("before").value, at("after").value];
  history.replaceState(null, "", address(location.pathname, { before, after }));
  document.querySelector('link[rel="alternate"]').href = address("api/diff", { before, after });
  at("said").textContent = "Comparing …";
  try {
    const found = await get("/api/diff", { before, after });
    const more = found.n_changes > found.changes.length ? ` (the first ${found.changes.length} are listed)` : "";
    at("said").textContent = found.n_changes
      ? `${found.n_changes.toLocaleString("en")} changes${more}; together they ask for: ${found.bump || "no new number"}` : "Nothing differs.";
    at("changes").replaceChildren(...found.changes.map(change));
    at("changes").closest(".scroll").hidden = !found.n_changes;
    tell(at("notice"), null);
    document.body.dataset.ready = `${before}/${after}`;
  } catch (error) {
    at("said").textContent = "";
    tell(at("notice"), error);
  }
}

async function begin() {
  try {
    const list = await get("/api/versions");
    at("reference").textContent = list.reference;
    at("versions").replaceChildren(...list.versions.map(version));
    const names = [...(list.has_draft ? ["draft"] : []), ...list.versions.map((one) => one.version)];
    if (names.length < 2) {
      at("said").textContent = list.versions.length ? "One version alone." : "No version is saved yet: spikelake dataset save DATASET";
      return;
    }
    const asked = new URLSearchParams(location.search);
    for (const [id, first] of [["before", names[1]], ["after", names[0]]]) {
      at(id).replaceChildren(...names.map((name) => make("option", { value: name }, name)));
      at(id).value = names.includes(asked.get(id)) ? asked.get(id) : first;
      at(id).addEventListener("change", compare);
    }
    await compare();
  } catch (error) {
    tell(at("notice"), error);
  }
}

begin();
