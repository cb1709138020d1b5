// A QR code as a picture, drawn by the gateway. The text goes in a body, so that no log of addresses holds it.

import { el } from "/shared/dom.js";

/** An image that says `text`, described by `alt`; null without network. */
export async function qrImage(text, alt) {
  try {
    const response = await fetch("/pages/qr", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ text }),
    });
    if (!response.ok) return null;
    const src = URL.createObjectURL(await response.blob());
    return el("img", { class: "qr", alt, src, onload: () => URL.revokeObjectURL(src) });
  } catch {
    return null;
  }
}
