// Drawing a view anew without taking anything out of a person's hand: what had the focus has it again, what was
// unfolded stays so, and the page stands where it stood.

const keyOf = (node) => node?.closest?.("[data-key]")?.dataset.key;
const within = (root, key) => root.querySelector(`[data-key="${CSS.escape(key)}"]`);

/** Run `draw()` over `root`; `isSame` says that it is the same view as before. */
export async function redraw(root, isSame, draw) {
  const focused = isSame && root.contains(document.activeElement) ? keyOf(document.activeElement) : null;
  const folds = isSame
    ? [...root.querySelectorAll("details[data-key]")].map((node) => [node.dataset.key, node.open])
    : [];
  const top = isSame ? root.scrollTop : 0;
  await draw();
  for (const [key, open] of folds) {
    const node = within(root, key);
    if (node) node.open = open;
  }
  root.scrollTop = top;
  if (focused && !root.contains(document.activeElement)) within(root, focused)?.focus({ preventScroll: true });
}
