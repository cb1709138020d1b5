// Light, dark, and high contrast: per page, remembered on this device.

const ORDER = ["light", "dark", "contrast"];

/** Use the remembered theme of `page`, else `preset` ("auto" follows the system; a system that asks for more contrast is
 *  always followed). Gives a function that steps on. */
export function theme(page, preset = "auto") {
  const key = `aisle.theme.${page}`;
  const root = document.documentElement;
  const system = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const asked = () => {
    if (matchMedia("(prefers-contrast: more)").matches) return "contrast";
    return preset === "auto" ? system() : preset;
  };
  let chosen = new URLSearchParams(location.search).get("theme");
  try {
    chosen ??= localStorage.getItem(key);
  } catch {
    // forgotten at the next visit, that is all
  }
  root.dataset.theme = ORDER.includes(chosen) ? chosen : asked();
  return () => {
    root.dataset.theme = ORDER[(ORDER.indexOf(root.dataset.theme) + 1) % ORDER.length];
    try {
      localStorage.setItem(key, root.dataset.theme);
    } catch {
      // as above
    }
  };
}
