// The recordings of a dataset: filtered, sorted and paged by the server; the address says how.

import { address, get, isNumber, make, page, picture, shown, tell, SITE } from "./api.js";

const at = (id) => document.getElementById(id);
const NAMES = {
  recording_id: "recording",
  n_events: "events",
  duration_s: "duration (s)",
  rate_mev_s: "rate (Mev/s)",
  peak_rate_mev_s: "peak (Mev/s)",
  on_fraction: "ON share",
  hot_pixels: "hot pixels",
  silent_share: "silent share",
  longest_gap_us: "longest gap (µs)",
};
const FIELDS = ["where", "name", "sort", "page"];
const pictures = [];
let latest = 0;

const asked = () => {
  const search = new URLSearchParams(location.search);
  return Object.fromEntries(FIELDS.map((name) => [name, search.get(name) || ""]));
};

// What orders the neighbours of a recording that is opened from here.
const among = () => ({ ...asked(), page: "" });

function go(change) {
  history.pushState(null, "", address(location.pathname, { ...asked(), ...change }));
  show();
}

const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    watcher.unobserve(entry.target);
    draw(entry.target);
  }
}, { rootMargin: "300px" });

async function draw(place) {
  const recording = place.dataset.recording;
  try {
    const source = await picture("/api/thumbnail", { recording });
    pictures.push(source);
    const drawn = make("img", { src: source, alt: "", width: 80, height: 60 });
    // few channels of sound over time: their picture has no shape to keep
    drawn.addEventListener("load", () => drawn.classList.toggle("wide", drawn.naturalWidth > 3 * drawn.naturalHeight));
    place.append(drawn);
  } catch (error) {
    place.title = error.message;
  }
}

function heading(name, sort, numeric) {
  const down = sort === `-${name}`;
  const order = down ? "descending" : sort === name ? "ascending" : "none";
  const label = NAMES[name] || name.replace(/^labels\./, "label: ");
  const button = make("button", { type: "button", title: name }, label);
  button.addEventListener("click", () => go({ sort: down ? name : `-${name}`, page: "" }));
  return make("th", { scope: "col", "aria-sort": order, className: numeric ? "number" : "" }, button);
}

function row(found, numeric) {
  const place = make("span", { className: "picture" });
  place.dataset.recording = found.recording_id;
  watcher.observe(place);
  const link = make("a", { href: page("player", { recording: found.recording_id, ...among() }) }, found.recording_id);
  const cells = found.cells.map((text, k) => make("td", { className: numeric[k] ? "number" : "" }, numeric[k] ? shown(text) : text));
  const name = make("th", { scope: "row", title: found.recording_id }, link);
  return make("tr", {}, make("td", { className: "thumb" }, place), name, ...cells);
}

function fill(page, sort) {
  document.title = `${page.title} – spikelake`;
  at("title").textContent = page.title;
  at("reference").textContent = page.reference;
  at("columns").replaceChildren(...page.known_columns.map((name) => make("option", { value: name })));
  // names stay as they are, also where a class is called 0 or 1000
  const numeric = page.columns.map((name, k) => !/^(labels\.|fold$)/.test(name) && page.rows.some((r) => isNumber(r.cells[k])));
  at("head").replaceChildren(
    make("th", { scope: "col" }, make("span", {}, "picture")),
    heading("recording_id", sort, false),
    ...page.columns.map((name, k) => heading(name, sort, numeric[k])),
  );
  watcher.disconnect();
  for (const source of pictures.splice(0)) URL.revokeObjectURL(source);
  at("rows").replaceChildren(...page.rows.map((found) => row(found, numeric)));
  const unknown = page.n_unknown ? `; of ${page.n_unknown.toLocaleString("en")} it cannot be told` : "";
  const unmeasured = page.n_unmeasured
    ? `; ${page.n_unmeasured.toLocaleString("en")} were never measured (spikelake dataset measure)` : "";
  at("count").textContent =
    `${page.n_matched.toLocaleString("en")} of ${page.n_recordings.toLocaleString("en")} recordings${unknown}${unmeasured}`;
  at("page").textContent = `Page ${page.page} of ${page.n_pages}`;
  at("before").disabled = page.page <= 1;
  at("after").disabled = page.page >= page.n_pages;
}

async function show() {
  const query = asked();
  const mine = ++latest;
  at("where").value = query.where;
  at("name").value = query.name;
  document.querySelector('link[rel="alternate"]').href = address("api/recordings", query);
  try {
    const page = await get("/api/recordings", query);
    if (mine !== latest) return; // a later question was asked meanwhile
    tell(at("notice"), null);
    fill(page, query.sort);
    requestAnimationFrame(() => { document.body.dataset.painted = String(Math.round(performance.now())); });
  } catch (error) {
    if (mine === latest) tell(at("notice"), error);
  }
}

at("form").addEventListener("submit", (event) => {
  event.preventDefault();
  go({ where: at("where").value.trim(), name: at("name").value.trim(), page: "" });
});
const turn = (by) => go({ page: String(Math.max(Number(asked().page || 1) + by, 1)) });
at("before").addEventListener("click", () => turn(-1));
at("after").addEventListener("click", () => turn(1));
addEventListener("popstate", show);
at("where").closest("label").hidden = SITE; // nobody is there to search
show();
