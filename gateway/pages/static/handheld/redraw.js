// Drawing a view anew without taking anything out of a person's hand: what had the focus has it again, what was
// typed or unfolded stays so, and the page stands where it stood.

import { el, show } from "/shared/dom.js";
import { t } from "/shared/i18n.js";

const SLOW_MS = 400; // a view that takes longer shows that something comes
const AFTER_MS = 80; // what a finger lifts from is clicked a moment later
let isPressed = false;
let isComposing = false; // a word of an input method that is not finished is the field's alone: no other can take it over
let waiting = null;

/** Run `act`, but not below a finger, and not into a word that an input method is still putting together. */
export function whenFree(act) {
  if (isPressed || isComposing) waiting = act;
  else act();
}

function released() {
  isPressed = false;
  setTimeout(() => {
    if (isPressed || isComposing) return;
    const act = waiting;
    waiting = null;
    act?.();
  }, AFTER_MS);
}

addEventListener("pointerdown", () => {
  isPressed = true;
});
addEventListener("pointerup", released);
addEventListener("pointercancel", released);
addEventListener("compositionstart", () => {
  isComposing = true;
});
addEventListener("compositionend", () => {
  isComposing = false;
  released();
});

const FIELDS = "input:not([type=checkbox], [type=file]), textarea";

addEventListener("input", ({ target }) => {
  if (target.matches?.(FIELDS)) target.dataset.typed = "";
});

const keyOf = (node) => node?.closest?.("[data-key]")?.dataset.key;
const within = (root, key) => root.querySelector(`[data-key="${CSS.escape(key)}"]`);

/** Whether a person folded or unfolded it: `data-was` is how it was drawn, folded unless it says otherwise. */
const isTurned = (node) => node.open !== (node.dataset.was === "open");

/** What stands there while an answer takes long: the shape of what comes. */
const coming = () =>
  el(
    "div",
    { class: "list coming", role: "status", "aria-label": t("slow") },
    [0, 1, 2].map(() => el("div", { class: "card" }, el("p", { class: "skeleton" }), el("p", { class: "skeleton" }))),
  );

const all = (nodes, wanted) =>
  nodes.flatMap((node) => [...(node.matches(wanted) ? [node] : []), ...node.querySelectorAll(wanted)]);

/** The field that stands for `field` now: of the same id, name or key, else at the same place among as many. */
function heirOf(field, fields, heirs) {
  const same = (of) => of(field) && heirs.find((heir) => of(heir) === of(field));
  const named = same(({ id }) => id) || same(({ name }) => name) || same(({ dataset }) => dataset.key);
  return named || (fields.length === heirs.length ? heirs[fields.indexOf(field)] : null);
}

/** What came in the place of `gone` keeps what a person did to it last. */
function inherit(come, gone) {
  const [fields, heirs] = [all(gone, FIELDS), all(come, FIELDS)];
  for (const field of fields.filter(({ dataset }) => "typed" in dataset)) {
    const heir = heirOf(field, fields, heirs);
    if (heir && !("typed" in heir.dataset)) Object.assign(heir, { value: field.value }).dataset.typed = "";
  }
  for (const node of all(gone, "details[data-key]").filter(isTurned)) {
    const heir = all(come, "details[data-key]").find(({ dataset }) => dataset.key === node.dataset.key);
    if (heir) heir.open = node.open;
  }
  const [folds, others] = [all(gone, "details:not([data-key])"), all(come, "details:not([data-key])")];
  if (folds.length === others.length)
    for (const [index, node] of folds.entries()) if (isTurned(node)) others[index].open = node.open;
}

/** What of `root` has the focus, and what of it goes on where it went away: the same field with its caret, or key. */
class Focus {
  constructor(root) {
    Object.assign(this, { root, node: null, isLost: false });
    this.follow = ({ target }) => Object.assign(this, { node: target });
    if (root.contains(document.activeElement)) this.node = document.activeElement;
    root.addEventListener("focusin", this.follow);
  }

  /** Give it to the heir, if it went away with `gone`; whoever went on to another field meanwhile stays there. */
  pass(come, gone) {
    const isHere = [document.body, null].includes(document.activeElement);
    if (!this.node || this.node.isConnected || !isHere) return;
    const node = this.node;
    const isField = node.matches(FIELDS);
    const heir = isField ? heirOf(node, all(gone, FIELDS), all(come, FIELDS)) : this.keyed(node);
    this.give(heir);
    // Only fields of text have a caret that one may ask for.
    if (isField && heir && node.selectionStart !== null && heir.selectionStart !== null)
      heir.setSelectionRange(node.selectionStart, node.selectionEnd, node.selectionDirection);
  }

  /** What has the same key, else what stands in its place now ("claim-t1" became "done-t1"). */
  keyed(node) {
    const key = keyOf(node);
    if (!key) return null;
    const about = CSS.escape(key.slice(key.indexOf("-")));
    return within(this.root, key) ?? this.root.querySelector(`.primary[data-key$="${about}"]`);
  }

  give(heir) {
    heir?.focus({ preventScroll: true });
  }

  /** The end: where nothing took it over, the view has it, so that keys go on from there. */
  leave() {
    this.root.removeEventListener("focusin", this.follow);
    const isLost = this.node && !this.node.isConnected && [document.body, null].includes(document.activeElement);
    if (isLost && (keyOf(this.node) || this.node.matches(FIELDS))) this.give(this.root);
  }
}

/**
 * Run `draw()` over `root`; `isSame` says that it is the same view as before. A view may draw first and ask afterwards,
 * and draw again: what went is handed over in the moment in which it goes, before the next key can be typed, however
 * long the rest takes.
 */
export async function redraw(root, isSame, draw) {
  if (!isSame) {
    await anew(root, draw);
    return;
  }
  const [before, top, focus] = [[...root.children], root.scrollTop, new Focus(root)];
  const handOver = (records) => {
    const elements = (list) => records.flatMap((record) => [...record[list]]).filter((node) => node instanceof Element);
    const gone = elements("removedNodes").filter((node) => !node.isConnected);
    if (!gone.length) return;
    const come = elements("addedNodes").filter((node) => node.isConnected);
    inherit(come, gone);
    focus.pass(come, gone);
  };
  const watch = new MutationObserver(handOver);
  watch.observe(root, { childList: true, subtree: true });
  try {
    await draw();
  } finally {
    handOver(watch.takeRecords());
    watch.disconnect();
    // What had no heir in between, since nothing but a word stood there, has one now.
    const gone = before.filter((node) => !node.isConnected);
    if (gone.length) {
      inherit([...root.children], gone);
      focus.pass([...root.children], gone);
    }
    focus.leave();
    root.scrollTop = top;
  }
}

/** Another view: nothing of the one before is kept, and after a while one sees that something comes. */
async function anew(root, draw) {
  const slow = setTimeout(() => show(root, coming()), SLOW_MS);
  try {
    await draw();
  } finally {
    clearTimeout(slow);
    root.scrollTop = 0;
  }
}
