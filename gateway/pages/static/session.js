// Who is here: enrolling this device once, then choosing a name and typing a PIN with a thumb.

import { Refusal, Unreachable, call } from "/shared/api.js";
import { el, icon, show } from "/shared/dom.js";
import { onLanguage, t, texts } from "/shared/i18n.js";
import { why } from "/static/refusals.js";

texts({
  en: {
    "enrol.title": "Set up this device",
    "enrol.what": "A manager makes a code on the manager's page, under Devices.",
    "enrol.code": "Code",
    "enrol.go": "Set up",
    "enrol.name": "Who are you?",
    "enrol.nobody": "Nobody can sign in yet",
    "pin.title": "Your PIN, {name}",
    "pin.go": "Sign in",
    "pin.delete": "Delete a digit",
    "pin.back": "Not you?",
    "session.offline": "No connection",
    "session.offline.what": "Signing in needs the network. This page tries again by itself.",
    "session.manager": "Only a manager may see this page.",
    "session.other": "Sign in as somebody else",
  },
  zh: {
    "enrol.title": "设置此设备",
    "enrol.what": "经理在管理页面的“设备”中生成代码。",
    "enrol.code": "代码",
    "enrol.go": "完成设置",
    "enrol.name": "你是谁？",
    "enrol.nobody": "还没有可以登录的人",
    "pin.title": "{name}，请输入 PIN",
    "pin.go": "登录",
    "pin.delete": "删除一位",
    "pin.back": "不是你？",
    "session.offline": "没有网络",
    "session.offline.what": "登录需要网络。页面会自动重试。",
    "session.manager": "只有经理可以查看此页面。",
    "session.other": "用其他身份登录",
  },
});

const KEPT = "aisle.session";
const KEPT_FOR_MS = 12 * 3_600_000;

/** Who was signed in here last, for a look-up without network; forgotten after twelve hours, as the real session. */
export function keptSession() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT));
    return kept && Date.now() - kept.at < KEPT_FOR_MS ? kept.session : null;
  } catch {
    return null;
  }
}

function keep(session) {
  try {
    if (session?.clerk) {
      const { device, clerk, store } = session;
      localStorage.setItem(KEPT, JSON.stringify({ at: Date.now(), session: { device, clerk, store } }));
    } else {
      localStorage.removeItem(KEPT);
    }
  } catch {
    // without storage there is no look-up offline after a reload, and the page says so
  }
}

/** The code of an enrolment link, in any of the places where one may stand. */
function codeOfLink() {
  const asked = new URLSearchParams(location.search);
  return asked.get("code") ?? asked.get("enrol") ?? location.hash.match(/^#(?:code|enrol)=(.+)$/)?.[1] ?? "";
}

/** Lead whoever holds the device to a session, in `root`; `done(session)` is called when somebody is signed in. */
export class SignIn {
  constructor(root, done, { role = "" } = {}) {
    Object.assign(this, { root, done, role, step: null });
    onLanguage(() => this.step?.());
  }

  /** Ask the gateway who is here, and go on from there. `offline()` is called when it does not answer. */
  async start({ offline = () => this.#at(() => this.#waiting()) } = {}) {
    try {
      this.session = await call("GET", "/api/session");
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      offline();
      return;
    }
    const { device, clerk } = this.session;
    keep(this.session);
    if (clerk && this.role && clerk.role !== this.role) this.#at(() => this.#wrongRole());
    else if (clerk) this.#leave();
    else if (device) this.#at(() => this.#choose());
    else this.#at(() => this.#enrol());
  }

  /** Sign out and begin again. */
  async leave() {
    keep(null);
    await call("DELETE", "/api/session").catch(() => null);
    await this.start();
  }

  #at(step) {
    this.step = step;
    step();
  }

  #leave() {
    this.step = null;
    this.done(this.session);
  }

  #waiting() {
    show(
      this.root,
      el(
        "div",
        { class: "empty" },
        icon("link", 72),
        el("h1", {}, t("session.offline")),
        el("p", {}, t("session.offline.what")),
      ),
    );
    clearTimeout(this.again);
    this.again = setTimeout(() => this.start(), 3000);
  }

  #wrongRole() {
    show(
      this.root,
      el(
        "div",
        { class: "empty" },
        icon("person", 72),
        el("p", {}, t("session.manager")),
        el("button", { type: "button", class: "primary", onclick: () => this.leave() }, t("session.other")),
      ),
    );
  }

  #enrol() {
    const input = el("input", {
      id: "enrol-code",
      autocomplete: "off",
      autocapitalize: "characters",
      spellcheck: false,
      required: true,
      maxLength: 40,
      value: codeOfLink(),
    });
    const said = el("p", { class: "problem", role: "alert" });
    const send = async (event) => {
      event.preventDefault();
      try {
        await call("POST", "/api/devices/enrol", { code: input.value.trim() });
        history.replaceState(null, "", location.pathname); // the code is used up; nobody need see it
        await this.start();
      } catch (error) {
        said.textContent = why(error);
      }
    };
    show(
      this.root,
      el(
        "form",
        { class: "sign-in", onsubmit: send },
        el("h1", {}, t("enrol.title")),
        el("p", { class: "soft" }, t("enrol.what")),
        el("label", {}, t("enrol.code"), input),
        said,
        el("button", { class: "primary wide", type: "submit" }, t("enrol.go")),
      ),
    );
  }

  #choose() {
    const names = this.session.clerks ?? [];
    show(
      this.root,
      el(
        "div",
        { class: "sign-in" },
        el("h1", {}, t(names.length ? "enrol.name" : "enrol.nobody")),
        el(
          "ul",
          { class: "names" },
          names.map((clerk) =>
            el(
              "li",
              {},
              el(
                "button",
                { type: "button", class: "wide name", onclick: () => this.#at(() => this.#pin(clerk)) },
                icon("person"),
                el("span", {}, clerk.name),
              ),
            ),
          ),
        ),
      ),
    );
  }

  #pin(clerk) {
    let pin = "";
    const dots = el("p", { class: "dots", "aria-live": "polite" });
    const said = el("p", { class: "problem", role: "alert" });
    const draw = () => show(dots, pin ? "●".repeat(pin.length) : el("span", { class: "soft" }, "····"));
    const press = (digit) => {
      pin = (pin + digit).slice(0, 12);
      said.textContent = "";
      draw();
    };
    const send = async () => {
      if (!pin) return;
      const tried = pin;
      pin = "";
      draw();
      try {
        await call("POST", "/api/session", { clerk: clerk.id, pin: tried }, { timeoutMs: 15_000 });
        removeEventListener("keydown", typed);
        await this.start();
      } catch (error) {
        said.textContent = why(error);
        if (error instanceof Refusal) navigator.vibrate?.(120);
      }
    };
    const typed = ({ key, target }) => {
      if (!dots.isConnected) return removeEventListener("keydown", typed);
      if (/^\d$/.test(key)) press(key);
      else if (key === "Backspace") {
        pin = pin.slice(0, -1);
        draw();
      } else if (key === "Enter" && target.tagName !== "BUTTON") send();
      return undefined;
    };
    addEventListener("keydown", typed);
    const key = (digit) => el("button", { type: "button", class: "key", onclick: () => press(digit) }, digit);
    show(
      this.root,
      el(
        "div",
        { class: "sign-in" },
        el("h1", {}, t("pin.title", { name: clerk.name })),
        dots,
        said,
        el(
          "div",
          { class: "pad" },
          [..."123456789"].map(key),
          el(
            "button",
            {
              type: "button",
              class: "key quiet",
              "aria-label": t("pin.delete"),
              onclick: () => {
                pin = pin.slice(0, -1);
                draw();
              },
            },
            icon("delete", 30),
          ),
          key("0"),
          el(
            "button",
            { type: "button", class: "key primary", "aria-label": t("pin.go"), onclick: send },
            icon("arrow", 30),
          ),
        ),
        el(
          "button",
          { type: "button", class: "quiet wide", onclick: () => this.#at(() => this.#choose()) },
          t("pin.back"),
        ),
      ),
    );
    draw();
  }
}
