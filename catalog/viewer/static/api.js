// Ask the server. The token comes behind the # of the address, is kept for this origin alone
// (a cookie would be sent to every server of this machine), and goes along in a header.

const KEY = "spikelake-token";

// Whether these pages are files of a site, written by spikelake export-site, with no server behind.
export const SITE = Boolean(document.querySelector('meta[name="spikelake-site"]'));

const given = new URLSearchParams(location.hash.slice(1)).get("token");
if (given) {
  localStorage.setItem(KEY, given);
  history.replaceState(null, "", location.pathname + location.search);
}

export class Refused extends Error {
  constructor(status, said) {
    super(said.message || `the server answered ${status}`);
    this.status = status;
    this.hint = said.hint || "";
    this.said = said;
  }
}

export function address(path, parameters = {}) {
  const asked = Object.entries(parameters).filter(([, value]) => value !== "" && value != null);
  return asked.length ? `${path}?${new URLSearchParams(asked)}` : path;
}

// The address of one of our pages.
export const page = (name, parameters = {}) => address(SITE ? `${name}.html` : name, parameters);

async function ask(path, parameters, options = {}) {
  if (SITE) {
    const { answer: ofFile } = await import("./site.js");
    return ofFile(path, parameters);
  }
  const headers = { Authorization: `Bearer ${localStorage.getItem(KEY) || ""}`, ...options.headers };
  let answer;
  try {
    answer = await fetch(address(path, parameters), { ...options, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, { message: "The server does not answer.", hint: "Is spikelake serve still running?" });
  }
  if (answer.ok) return answer;
  let said = {};
  try {
    said = await answer.json();
  } catch {
    // not ours: the status says enough
  }
  throw new Refused(answer.status, said);
}

export const get = async (path, parameters, options) => (await ask(path, parameters, options)).json();

export const getAnswer = ask;

export async function post(path, content, headers = {}) {
  const answer = await ask(path, {}, {
    method: "POST",
    body: JSON.stringify(content),
    headers: { "Content-Type": "application/json", ...headers },
  });
  return answer.json();
}

export async function picture(path, parameters) {
  return URL.createObjectURL(await (await ask(path, parameters)).blob());
}

export function make(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

export function tell(place, error) {
  place.textContent = "";
  place.classList.toggle("bad", Boolean(error));
  if (!error) return;
  place.append(error.message);
  if (error.hint) place.append(make("div", { className: "quiet" }, error.hint));
}

export const isNumber = (text) => text !== "" && Number.isFinite(Number(text));

export function shown(text) {
  if (!isNumber(text)) return text;
  const value = Number(text);
  if (Number.isInteger(value)) return value.toLocaleString("en");
  return Number(value.toPrecision(4)).toLocaleString("en", { maximumFractionDigits: 6 });
}

export function seconds(us) {
  if (us < 1000) return `${us} µs`;
  if (us < 1e6) return `${Number((us / 1e3).toPrecision(4))} ms`;
  return `${(us / 1e6).toFixed(3)} s`;
}
