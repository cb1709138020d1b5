// Members: found by phone or code, registered with a name and a phone number.

import { Unreachable } from "/shared/api.js";
import { el, icon, show } from "/shared/dom.js";
import { clock, t } from "/shared/i18n.js";
import { toast } from "/shared/toast.js";
import { readCode } from "/static/camera.js";
import { ask } from "/static/handheld/network.js";
import { qrImage } from "/static/qr.js";
import { why } from "/static/refusals.js";

const CODE_PREFIX = "AISLE-M:";
let shown = null; // the member found last, kept while the person looks elsewhere

const say = (said, error) => {
  said.textContent = error instanceof Unreachable ? t("offline.members") : why(error);
};

/** Draw the members' view into `root`. */
export async function view(root) {
  const by = el("input", { id: "member-by", autocomplete: "off", inputMode: "tel", required: true, maxLength: 60 });
  const said = el("p", { class: "problem", role: "alert" });
  const found = el("div", { class: "member-found" });
  const find = async (text) => {
    said.textContent = "";
    try {
      shown = await ask("GET", `/api/members?${isPhone(text) ? "phone" : "code"}=${encodeURIComponent(text)}`);
      by.value = "";
      await drawMember(found);
    } catch (error) {
      say(said, error);
    }
  };
  show(
    root,
    el(
      "div",
      { class: "members" },
      el("h1", {}, t("member.find")),
      found,
      said,
      el(
        "form",
        {
          class: "pair-form",
          onsubmit: (event) => {
            event.preventDefault();
            find(by.value.trim());
          },
        },
        el("label", {}, t("member.by"), by),
        el(
          "div",
          { class: "pair" },
          el(
            "button",
            {
              type: "button",
              "aria-label": t("find.scan"),
              onclick: async () => {
                const text = await readCode();
                if (text) await find(text);
              },
            },
            icon("camera"),
          ),
          el("button", { class: "primary grow", type: "submit" }, t("member.look")),
        ),
      ),
      registration(async (member) => {
        shown = member;
        await drawMember(found);
        root.scrollTo?.(0, 0);
      }),
    ),
  );
  if (shown) await drawMember(found);
}

const isPhone = (text) => /^[+\d][\d\s()/.-]{4,}$/.test(text);

function registration(done) {
  const name = el("input", { required: true, maxLength: 80, autocomplete: "off" });
  const phone = el("input", { type: "tel", required: true, maxLength: 30, autocomplete: "off" });
  const said = el("p", { class: "problem", role: "alert" });
  const send = async (event) => {
    event.preventDefault();
    said.textContent = "";
    try {
      const member = await ask("POST", "/api/members", { name: name.value.trim(), phone: phone.value.trim() });
      event.target.reset();
      event.target.closest("details").open = false;
      toast(t("member.registered"));
      await done(member);
    } catch (error) {
      say(said, error);
      if (error.body?.member) await done(error.body.member); // registered before: here they are
    }
  };
  return el(
    "details",
    { class: "card" },
    el("summary", {}, t("member.new")),
    el(
      "form",
      { class: "pair-form", onsubmit: send },
      el("label", {}, t("member.name"), name),
      el("label", {}, t("member.phone"), phone),
      el("p", { class: "soft tiny" }, t("member.phone-hint")),
      said,
      el("button", { class: "primary wide", type: "submit" }, t("member.register")),
    ),
  );
}

async function drawMember(found) {
  const member = shown;
  const entries = el("ul", { class: "rows" });
  show(
    found,
    el(
      "article",
      { class: "card member" },
      el(
        "div",
        { class: "grow" },
        el("h2", {}, member.name),
        el("p", { class: "soft mono" }, member.phone_masked),
        el("span", { class: "chip plain" }, t(member.tier)),
      ),
      el("p", { class: "hand small-hand" }, el("b", {}, member.points), el("span", {}, t("member.points"))),
      await qrImage(CODE_PREFIX + member.member, `${t("member.code")} ${member.member}`),
      el("details", {}, el("summary", {}, t("member.entries")), entries),
    ),
  );
  const { entries: rows } = await ask("GET", `/api/members/${member.member}/points`).catch(() => ({ entries: [] }));
  show(
    entries,
    rows.length
      ? rows.map((entry) =>
          el(
            "li",
            {},
            el("span", { class: "grow" }, t(entry.reason)),
            el("span", { class: "soft" }, entry.t_ms ? clock(entry.t_ms) : ""),
            el("b", { class: "number" }, entry.points > 0 ? `+${entry.points}` : entry.points),
          ),
        )
      : el("li", { class: "soft" }, t("member.none")),
  );
}
