// Corrections of label intervals, as a list of steps over what the server has: undone, redone,
// and laid on top of what somebody else saved meanwhile. No page and no server in here.

const same = (a, b) => !a === !b && a?.start_us === b?.start_us && a?.stop_us === b?.stop_us && a?.label === b?.label;
const place = (one) => `${one.start_us}-${one.stop_us}`;

export class Corrections {
  constructor(base) {
    this.steps = [];
    this.undone = [];
    this.saved = [];
    this.rebase(base);
  }

  // Take what the server has now; return the steps that fit no more, which are set aside.
  rebase(base) {
    this.base = base;
    const kept = [];
    const lost = [];
    for (const step of this.steps) (fits([...kept, step], base) ? kept : lost).push(step);
    this.steps = kept;
    this.undone = [];
    return lost;
  }

  get intervals() {
    return applied(this.steps, this.base).sort((a, b) => a.start_us - b.start_us || a.stop_us - b.stop_us);
  }

  // Why a change cannot be made; empty where it can.
  refusal(before, after) {
    if (after && !(after.stop_us > after.start_us)) return "It would end before it starts.";
    if (after && !after.label.trim()) return "It needs a class.";
    if (same(before, after)) return "Nothing would change.";
    return fits([...this.steps, { before, after }], this.base) ? "" : "Another interval has this start and end.";
  }

  change(before, after) {
    const said = this.refusal(before, after);
    if (said) return said;
    this.undone = [];
    this.steps.push({ before, after, back: false });
    return "";
  }

  // Take back the latest step, or, where all are, what was saved before: by its reverse, which is a
  // correction like any other. Returns why it cannot be; empty where it can.
  undo() {
    const last = this.steps.at(-1);
    if (last && !last.back) {
      this.undone.push(this.steps.pop());
    } else if (this.saved.length) {
      const { before, after } = this.saved.at(-1);
      const back = { before: after, after: before, back: true };
      if (!fits([...this.steps, back], this.base)) return "It was changed since: it cannot be taken back.";
      this.saved.pop();
      this.steps.push(back);
      this.undone.push(back);
    }
    return "";
  }

  redo() {
    const step = this.undone.pop();
    if (step?.back) {
      this.steps.pop();
      this.saved.push({ before: step.after, after: step.before });
    } else if (step) {
      this.steps.push(step);
    }
    return "";
  }

  // The steps as they are saved: one for all that happened to one interval in a row.
  get compact() {
    const made = [];
    for (const { before, after } of this.steps) {
      const last = made.at(-1);
      if (last?.after && same(last.after, before)) {
        made.pop();
        if (!same(last.before, after)) made.push({ before: last.before, after });
      } else {
        made.push({ before, after });
      }
    }
    return made;
  }

  // The steps are saved: they are what the server has.
  settle(base) {
    this.saved.push(...this.compact);
    this.steps = [];
    this.rebase(base);
  }
}

function applied(steps, base) {
  const here = new Map(base.map((one) => [place(one), one]));
  for (const { before, after } of steps) {
    if (before) here.delete(place(before));
    if (after) here.set(place(after), after);
  }
  return [...here.values()];
}

function fits(steps, base) {
  const last = steps.at(-1);
  const here = applied(steps.slice(0, -1), base);
  if (last.before && !here.some((one) => same(one, last.before))) return false;
  const others = here.filter((one) => !last.before || !same(one, last.before));
  return !last.after || !others.some((one) => place(one) === place(last.after));
}
