// Drawing a view anew without taking anything out of a person's hand: what had the focus has it again, what was
// typed or unfolded stays so, and the page stands where it stood.

import { el, show } from "/shared/dom.js";
import { t } from "/shared/i18n.js";

const SLOW_MS = 400; // a view that takes longer shows that something comes
const AFTER_MS = 80; // what a finger lifts from is clicked a moment later
let isPressed = false;
let waiting = null;

/** Run `act`, but not below a finger: a key that is being pressed must still be there when it is let go. */
export function whenFree(act) {
  if (isPressed) waiting = act;
  else act();
}

function released() {
  isPressed = false;
  setTimeout(() => {
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

const FIELDS = "input:not([type=checkbox], [type=file]), textarea";

addEventListener("input", ({ target }) => {
  if (target.matches?.(FIELDS)) target.dataset.typed = "";
});

const keyOf = (node) => node?.closest?.("[data-key]")?.dataset.key;
const within = (root, key) => root.querySelector(`[data-key="${CSS.escape(key)}"]`);

/** Whether a person folded or unfolded it: `data-was` is how it was drawn, folded unless it says otherwise. */
const isTurned = (node) => node.open !== (node.dataset.was === "open");

/** Give the focus back: to what had it, else to what stands in its place now ("claim-t1" became "done-t1"). */
function refocus(root, key) {
  const about = CSS.escape(key.slice(key.indexOf("-")));
  const heir = within(root, key) ?? root.querySelector(`.primary[data-key$="${about}"]`) ?? root;
  heir.focus({ preventScroll: true });
}

/** What stands there while an answer takes long: the shape of what comes. */
const coming = () =>
  el(
    "div",
    { class: "list coming", role: "status", "aria-label": t("slow") },
    [0, 1, 2].map(() => el("div", { class: "card" }, el("p", { class: "skeleton" }), el("p", { class: "skeleton" }))),
  );

const all = (nodes, wanted) =>
  nodes.flatMap((node) => [...(node.matches(wanted) ? [node] : []), ...node.querySelectorAll(wanted)]);

/** What stood there until now keeps what a person did to it last, also while its successor was on its way. */
function inherit(root, gone) {
  const [fields, heirs] = [all(gone, FIELDS), [...root.querySelectorAll(FIELDS)]];
  if (fields.length === heirs.length)
    for (const [index, { dataset, value }] of fields.entries())
      if ("typed" in dataset && !("typed" in heirs[index].dataset))
        Object.assign(heirs[index], { value }).dataset.typed = "";
  for (const node of all(gone, "details[data-key]").filter(isTurned)) {
    const heir = within(root, node.dataset.key);
    if (heir) heir.open = node.open;
  }
  const [folds, others] = [all(gone, "details:not([data-key])"), [...root.querySelectorAll("details:not([data-key])")]];
  if (folds.length === others.length)
    for (const [index, node] of folds.entries()) if (isTurned(node)) others[index].open = node.open;
}

/** Run `draw()` over `root`; `isSame` says that it is the same view as before. */
export async function redraw(root, isSame, draw) {
  const before = isSame ? [...root.children] : [];
  const focused = isSame && root.contains(document.activeElement) ? keyOf(document.activeElement) : null;
  const top = isSame ? root.scrollTop : 0;
  const slow = isSame ? 0 : setTimeout(() => show(root, coming()), SLOW_MS);
  try {
    await draw();
  } finally {
    clearTimeout(slow);
  }
  const gone = before.filter((node) => !node.isConnected);
  if (gone.length) inherit(root, gone);
  root.scrollTop = top;
  // Only what went away with the view has lost the focus: whoever went on to another field meanwhile stays there.
  if (focused && [document.body, null].includes(document.activeElement)) refocus(root, focused);
}
