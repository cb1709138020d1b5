// Who and what may come in: handhelds and their enrolment, people and their PINs.

import { call } from "/shared/api.js";
import { byId, el, icon, show } from "/shared/dom.js";
import { clock, t } from "/shared/i18n.js";
import { toast } from "/shared/toast.js";
import { qrImage } from "/static/qr.js";
import { why } from "/static/refusals.js";

const failed = (error) => toast(t("problem", { why: why(error) }), { kind: "bad", seconds: 8 });

/** Ask before something cannot be undone. */
function sure(name) {
  return new Promise((decided) => {
    const dialog = el(
      "dialog",
      {
        class: "card ask",
        onclose: () => {
          dialog.remove();
          decided(dialog.returnValue === "yes");
        },
      },
      el("h2", {}, t("remove.sure", { name })),
      el(
        "div",
        { class: "pair" },
        el("button", { type: "button", onclick: () => dialog.close("no") }, t("cancel")),
        el(
          "button",
          { type: "button", class: "danger", onclick: () => dialog.close("yes") },
          icon("bin"),
          t("remove"),
        ),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}

async function remove(path, name, redraw) {
  if (!(await sure(name))) return;
  try {
    await call("DELETE", path);
    toast(t("removed", { name }));
    await redraw();
  } catch (error) {
    failed(error);
  }
}

const removeKey = (path, name, redraw) =>
  el(
    "button",
    {
      type: "button",
      class: "quiet danger",
      "aria-label": `${t("remove")} ${name}`,
      onclick: () => remove(path, name, redraw),
    },
    icon("bin"),
  );

/** Enrolled handhelds, and a code for a new one. */
export async function drawDevices() {
  const devices = await call("GET", "/api/manager/devices");
  const name = el("input", { required: true, maxLength: 60, autocomplete: "off" });
  const ticket = el("div", { class: "ticket", "aria-live": "polite" });
  const make = async (event) => {
    event.preventDefault();
    try {
      await drawTicket(ticket, await call("POST", "/api/manager/enrolments", { name: name.value.trim() }));
    } catch (error) {
      failed(error);
    }
  };
  show(
    byId("devices"),
    devices.length
      ? el(
          "ul",
          { class: "rows" },
          devices.map((device) =>
            el(
              "li",
              {},
              el(
                "span",
                { class: "grow" },
                el("b", {}, device.name),
                el("span", { class: "soft small block" }, t("device.since", { time: clock(device.enrolled_ms) })),
              ),
              removeKey(`/api/manager/devices/${device.id}`, device.name, drawDevices),
            ),
          ),
        )
      : el("p", { class: "soft" }, t("device.none")),
    el(
      "details",
      {},
      el("summary", {}, t("device.new")),
      el(
        "form",
        { class: "fields", onsubmit: make },
        el("label", {}, t("device.name"), name),
        el("button", { class: "primary", type: "submit" }, icon("link"), t("device.make")),
      ),
      ticket,
    ),
  );
}

async function drawTicket(ticket, { code, url, expires_ms: expires }) {
  const left = el("p", { class: "soft small" });
  show(
    ticket,
    el("p", {}, t("device.scan")),
    await qrImage(url, "QR"),
    el("p", { class: "soft" }, t("device.or", { url: url.split("#")[0] })),
    el("p", { class: "code mono" }, code.match(/.{1,4}/g).join(" ")),
    left,
  );
  const count = () => {
    const minutes = Math.ceil((expires - Date.now()) / 60_000);
    left.textContent = minutes > 0 ? t("device.left", { n: minutes }) : t("device.over");
    if (minutes > 0 && left.isConnected) setTimeout(count, 5000);
  };
  count();
}

/** People who may sign in. */
export async function drawClerks(me) {
  const clerks = await call("GET", "/api/manager/clerks");
  const redraw = () => drawClerks(me);
  const name = el("input", { required: true, maxLength: 60, autocomplete: "off" });
  const pin = el("input", {
    required: true,
    inputMode: "numeric",
    pattern: "[0-9]{4,12}",
    maxLength: 12,
    autocomplete: "off",
    type: "password",
  });
  const role = el(
    "select",
    {},
    el("option", { value: "clerk" }, t("clerk")),
    el("option", { value: "manager" }, t("manager")),
  );
  const add = async (event) => {
    event.preventDefault();
    try {
      await call("POST", "/api/manager/clerks", { name: name.value.trim(), pin: pin.value, role: role.value });
      toast(t("added", { name: name.value.trim() }));
      await redraw();
    } catch (error) {
      failed(error);
    }
  };
  show(
    byId("clerks"),
    el(
      "ul",
      { class: "rows" },
      clerks.map((clerk) =>
        el(
          "li",
          {},
          el("b", { class: "grow" }, clerk.name),
          el("span", { class: "chip plain" }, t(clerk.role)),
          clerk.id === me.id ? null : removeKey(`/api/manager/clerks/${clerk.id}`, clerk.name, redraw),
        ),
      ),
    ),
    el(
      "details",
      {},
      el("summary", {}, t("clerk.new")),
      el(
        "form",
        { class: "fields", onsubmit: add },
        el("label", {}, t("clerk.name"), name),
        el("label", {}, t("clerk.pin"), pin),
        el("label", {}, t("clerk.role"), role),
        el("button", { class: "primary", type: "submit" }, t("clerk.add")),
      ),
    ),
  );
}
