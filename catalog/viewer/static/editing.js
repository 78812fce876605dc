// Correct label intervals by drag and keys, and save them as a revision of the set.

import { get, make, post, seconds, tell } from "./api.js";
import { Corrections } from "./corrections.js";

const at = (id) => document.getElementById(id);
const EDGE = 9; // pixels at either end of an interval that move that end alone

export class Editor {
  // `player` has recording, timeline, end(), now(), window(), seek(t)
  constructor(player) {
    this.player = player;
    this.chosen = null;
    at("editing").hidden = false;
    at("undo").addEventListener("click", () => this.step("undo"));
    at("redo").addEventListener("click", () => this.step("redo"));
    at("add").addEventListener("click", () => this.add());
    at("remove").addEventListener("click", () => this.chosen && this.change(this.chosen, null));
    at("startHere").addEventListener("click", () => this.moveEnd("start_us"));
    at("stopHere").addEventListener("click", () => this.moveEnd("stop_us"));
    at("interval").addEventListener("submit", (event) => this.take(event));
    at("saving").addEventListener("submit", (event) => { event.preventDefault(); this.save(); });
    at("committing").addEventListener("submit", (event) => { event.preventDefault(); this.commit(); });
    at("theirs").addEventListener("click", () => this.merge());
    document.addEventListener("keydown", (event) => this.key(event));
    addEventListener("beforeunload", (event) => { if (this.corrections?.steps.length) event.preventDefault(); });
  }

  load(found) {
    this.found = found;
    this.corrections = new Corrections(found.intervals);
    at("classes").replaceChildren(...found.classes.map((name) => make("option", { value: name })));
    this.choose(null);
  }

  // Draw everything anew; the chosen interval keeps the focus where it had it.
  draw(focus = false) {
    const { intervals, steps, undone, saved } = this.corrections;
    const buttons = this.player.timeline.show(intervals, (k) => this.choose(intervals[k], true));
    buttons.forEach((button, k) => {
      const is = this.isChosen(intervals[k]);
      button.classList.toggle("chosen", is);
      button.setAttribute("aria-pressed", String(is));
      button.setAttribute("aria-keyshortcuts", "ArrowLeft ArrowRight [ ] Delete");
      button.addEventListener("pointerdown", (event) => this.drag(event, button, intervals[k]));
      button.addEventListener("keydown", (event) => this.keyOn(event, intervals[k]));
      if (is && focus) button.focus();
    });
    at("labelStart").value = this.chosen?.start_us ?? "";
    at("labelStop").value = this.chosen?.stop_us ?? "";
    if (this.chosen) at("labelClass").value = this.chosen.label;
    for (const id of ["remove", "startHere", "stopHere", "applyLabel"]) at(id).disabled = !this.chosen;
    at("undo").disabled = !saved.length && (steps.at(-1)?.back ?? true);
    at("redo").disabled = !undone.length;
    at("save").disabled = !steps.length;
    at("commit").disabled = steps.length > 0;
    const unsaved = steps.length ? `${steps.length} unsaved ${steps.length === 1 ? "edit" : "edits"}` : "no unsaved edits";
    at("editState").textContent = `Revision ${this.found.revision}, ${unsaved}`;
    this.player.listed(intervals, (k) => this.choose(intervals[k], true));
  }

  isChosen(one) {
    const { chosen } = this;
    return Boolean(chosen) && one.start_us === chosen.start_us && one.stop_us === chosen.stop_us;
  }

  choose(one, go = false) {
    this.chosen = one;
    if (one && go) this.player.seek(one.start_us);
    this.draw(go);
  }

  change(before, after, focus = true) {
    const said = this.corrections.change(before, after);
    if (said) {
      this.say(said);
      this.draw(focus);
      return;
    }
    this.say("");
    this.chosen = after;
    this.draw(focus);
  }

  say(text) {
    at("editSaid").textContent = text;
  }

  step(which) {
    this.say(this.corrections[which]());
    if (this.chosen && !this.corrections.intervals.some((one) => this.isChosen(one))) this.chosen = null;
    this.draw();
  }

  add() {
    const start_us = this.player.now();
    const stop_us = Math.min(start_us + this.player.window(), this.player.end());
    const label = at("labelClass").value.trim() || this.found.classes[0] || "";
    this.change(null, { start_us, stop_us, label });
  }

  moveEnd(which) {
    if (this.chosen) this.change(this.chosen, { ...this.chosen, [which]: this.player.now() });
  }

  take(event) {
    event.preventDefault();
    if (!this.chosen) return;
    const after = { start_us: Number(at("labelStart").value), stop_us: Number(at("labelStop").value), label: at("labelClass").value.trim() };
    this.change(this.chosen, after, false);
  }

  moved(one, by_us, edge) {
    const end = this.player.end();
    if (edge === "start") return { ...one, start_us: Math.min(Math.max(one.start_us + by_us, 0), one.stop_us - 1) };
    if (edge === "stop") return { ...one, stop_us: Math.max(Math.min(one.stop_us + by_us, end), one.start_us + 1) };
    const by = Math.min(Math.max(by_us, -one.start_us), end - one.stop_us);
    return { ...one, start_us: one.start_us + by, stop_us: one.stop_us + by };
  }

  drag(event, button, one) {
    if (event.button !== 0) return;
    const box = button.getBoundingClientRect();
    const width = button.parentElement.getBoundingClientRect().width;
    const inside = event.clientX - box.left;
    const edge = inside < EDGE ? "start" : box.width - inside < EDGE ? "stop" : "both";
    let after = one;
    const follow = (moving) => {
      const by = Math.round(((moving.clientX - event.clientX) / width) * this.player.end());
      after = this.moved(one, by, edge);
      button.style.left = this.player.timeline.share(after.start_us);
      button.style.width = this.player.timeline.share(after.stop_us - after.start_us);
      this.say(`${seconds(after.start_us)} to ${seconds(after.stop_us)}`);
    };
    const end = () => {
      button.removeEventListener("pointermove", follow);
      if (after !== one && (after.start_us !== one.start_us || after.stop_us !== one.stop_us)) {
        button.addEventListener("click", (click) => click.stopImmediatePropagation(), { capture: true, once: true });
        this.change(one, after);
      }
    };
    button.setPointerCapture(event.pointerId);
    button.addEventListener("pointermove", follow);
    button.addEventListener("pointerup", end, { once: true });
    button.addEventListener("pointercancel", () => { after = one; end(); this.draw(); }, { once: true });
  }

  keyOn(event, one) {
    const step = Math.max(Math.round(this.player.window() / 10), 1) * (event.shiftKey ? 10 : 1);
    const does = {
      ArrowLeft: () => this.change(one, this.moved(one, -step, "both")),
      ArrowRight: () => this.change(one, this.moved(one, step, "both")),
      "[": () => this.change(one, { ...one, start_us: this.player.now() }),
      "]": () => this.change(one, { ...one, stop_us: this.player.now() }),
      Delete: () => this.change(one, null),
    }[event.key];
    if (!does || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    does();
  }

  key(event) {
    const typing = event.target.matches("textarea, input[type=text], input[type=number], input[type=search]");
    if (!(event.ctrlKey || event.metaKey) || typing) return;
    const which = { z: event.shiftKey ? "redo" : "undo", Z: "redo", y: "redo" }[event.key];
    if (!which) return;
    event.preventDefault();
    this.step(which);
  }

  async save() {
    const { recording } = this.player;
    const reason = at("reason").value.trim();
    if (!reason) {
      this.say("Say why: the reason stays with the correction.");
      at("reason").focus();
      return;
    }
    const edits = this.corrections.compact;
    if (!edits.length) {
      this.say("Your edits undo each other: there is nothing to save.");
      return;
    }
    const content = { recording, set: this.found.set, reason, edits };
    try {
      at("save").disabled = true;
      const found = await post("/api/labels", content, { "If-Match": `"${this.found.tag}"` });
      this.found = found;
      this.corrections.settle(found.intervals);
      at("theirs").hidden = true;
      at("reason").value = "";
      tell(at("notice"), null);
      const odd = found.findings.map((one) => `${one.where}: ${one.message}`).join("; ");
      this.draw();
      this.say(`Saved as revision ${found.revision}.${odd ? ` Look at: ${odd}` : ""}`);
    } catch (error) {
      this.draw();
      if (error.status === 412) {
        error.hint = "Your edits are kept on this page: load theirs, and put yours on top.";
        at("theirs").hidden = false;
      }
      tell(at("notice"), error);
    }
  }

  async merge() {
    const { recording } = this.player;
    try {
      this.found = await get("/api/labels", { recording, set: this.found.set });
      const lost = this.corrections.rebase(this.found.intervals);
      at("theirs").hidden = true;
      tell(at("notice"), null);
      this.choose(null);
      const named = lost.map(({ before, after }) => (before || after).label).join(", ");
      this.say(lost.length ? `${lost.length} of your edits fit no more and were left out: ${named}.` : "Your edits are on top of theirs: look at them, then save.");
    } catch (error) {
      tell(at("notice"), error);
    }
  }

  async commit() {
    const message = at("message").value.trim();
    if (!message) {
      this.say("Say what changed in this version.");
      at("message").focus();
      return;
    }
    try {
      at("commit").disabled = true;
      this.say("Saving a version …");
      const { version } = await post("/api/versions", { message });
      at("message").value = "";
      tell(at("notice"), null);
      this.draw();
      this.say(`Saved as version ${version}.`);
    } catch (error) {
      this.draw();
      this.say("");
      tell(at("notice"), error);
    }
  }
}
