// The plan of one shelf: which products, how many facings, how much room, when it is low. A change holds at once.

import { call } from "/shared/api.js";
import { el, icon, show } from "/shared/dom.js";
import { language, names, t } from "/shared/i18n.js";
import { toast } from "/shared/toast.js";
import { Feed, standIn } from "/static/manager/data.js";
import { done, failed, put, remove, undo } from "/static/manager/plan/changes.js";
import { learn } from "/static/manager/plan/learn.js";
import { stepper } from "/static/manager/plan/stepper.js";
import "/static/manager/plan/words.js";
import { address } from "/static/manager/views.js";

const SAVE_AFTER_MS = 500;
const SEARCH_AFTER_MS = 250;
const FOUND = 8;
const FIRST = { facings: 1, capacity: 10, low: 3 };

/** The whole plan. */
export const planFeed = new Feed("/api/planogram");
let drawn = ""; // which shelf in which language stands there; while it does, nothing takes a field from under a hand

export const planLoad = () => planFeed.load();

/** What the plan says of one shelf. */
export const plannedOn = (shelf) => planFeed.value?.shelves.find((one) => one.shelf === shelf)?.products ?? [];

function save(shelf, slot, state) {
  clearTimeout(slot.timer);
  state.said.textContent = t("plan.saving");
  slot.timer = setTimeout(async () => {
    try {
      await put(shelf, slot);
      state.said.textContent = t("plan.saved");
      state.drawUndo();
    } catch (error) {
      failed(error);
      state.again();
    }
  }, SAVE_AFTER_MS);
}

function slotRow(shelf, slot, state) {
  const { first, second } = names(slot);
  const steppers = {};
  const change = (name) => (value) => {
    slot[name] = value;
    // A full shelf is not low, and facings need room: what cannot be is moved along, visibly.
    if (name === "facings" && slot.capacity < value) steppers.capacity.set((slot.capacity = value));
    if (name === "capacity" && slot.facings > value) steppers.facings.set((slot.facings = value));
    if (slot.low >= slot.capacity) {
      if (name === "low") steppers.capacity.set((slot.capacity = slot.low + 1));
      else steppers.low.set((slot.low = slot.capacity - 1));
    }
    save(shelf, slot, state);
  };
  const one = (name, least) => {
    steppers[name] = stepper(
      t(`plan.${name}`),
      slot[name],
      { least, label: `${t(`plan.${name}`)}: ${first}` },
      change(name),
    );
    return steppers[name].node;
  };
  return el(
    "li",
    { class: "slot-row", data: { gtin: slot.gtin } },
    el(
      "span",
      { class: "grow slot-name" },
      el("b", {}, first),
      el(
        "span",
        { class: "soft small block" },
        second ? `${second} · ` : "",
        el("span", { class: "mono" }, slot.gtin),
      ),
    ),
    el("span", { class: "steppers" }, one("facings", 1), one("capacity", 1), one("low", 0)),
    el(
      "button",
      {
        type: "button",
        class: "quiet danger",
        "aria-label": t("plan.remove", { name: first }),
        onclick: async () => {
          try {
            await remove(shelf, slot.gtin);
            toast(t("plan.removed", { name: first }), { action: { label: t("undo"), run: state.undo } });
          } catch (error) {
            failed(error);
          }
          state.again();
        },
      },
      icon("bin"),
    ),
  );
}

function adder(shelf, state) {
  const found = el("ul", { class: "found" });
  let timer = null;
  const look = async (text) => {
    if (!text) return show(found);
    const { products } = await call("GET", `/api/stock?${new URLSearchParams({ q: text, limit: FOUND })}`);
    if (input.value.trim() !== text) return undefined;
    const here = new Set(plannedOn(shelf).map(({ gtin }) => gtin));
    show(
      found,
      products.map((product) =>
        el(
          "li",
          {},
          el(
            "button",
            {
              type: "button",
              class: "wide found-key",
              disabled: here.has(product.gtin),
              onclick: () => add(product),
            },
            icon(here.has(product.gtin) ? "check" : "plus", 20),
            el("span", { class: "grow" }, names(product).first),
            el("span", { class: "soft small mono" }, product.gtin),
          ),
        ),
      ),
      !products.length && el("li", { class: "soft" }, t("plan.not-found", { text })),
    );
    return undefined;
  };
  const add = async (product) => {
    try {
      await put(shelf, { gtin: product.gtin, ...FIRST });
      input.value = "";
    } catch (error) {
      failed(error);
    }
    state.again();
  };
  const input = el("input", {
    type: "search",
    autocomplete: "off",
    placeholder: t("plan.search"),
    "aria-label": t("plan.search"),
    oninput: () => {
      clearTimeout(timer);
      timer = setTimeout(() => look(input.value.trim()).catch(failed), SEARCH_AFTER_MS);
    },
  });
  return el("section", { class: "card adder" }, el("h2", {}, t("plan.add")), input, found);
}

/** Draw the plan of `shelf`. */
export function drawPlanOfShelf(root, shelf) {
  const key = `${shelf} ${language()}`;
  const again = async () => {
    drawn = "";
    await planFeed.load().catch(failed);
    if (root.isConnected) drawPlanOfShelf(root, shelf);
  };
  const missing = standIn(planFeed, again);
  if (missing) {
    show(root, missing);
    drawn = "";
    return;
  }
  if (drawn === key && root.querySelector(".slots")) return;
  drawn = key;
  const undoKey = el("button", { type: "button", onclick: () => state.undo() }, icon("undo", 20), t("undo"));
  const state = {
    said: el("span", { class: "soft grow", role: "status" }),
    drawUndo: () => {
      undoKey.disabled = !done.length;
    },
    undo: () => undo().then(again),
    again,
  };
  state.drawUndo();
  const slots = plannedOn(shelf).map((slot) => ({ ...slot }));
  const learnHere = () =>
    learn({
      shelf,
      planned: (_shelf, gtin) => slots.find((slot) => slot.gtin === gtin),
      title: (gtin) => slots.find((slot) => slot.gtin === gtin),
      changed: again,
    });
  show(
    root,
    el("a", { class: "way-back", href: address("shelves", shelf) }, icon("back", 20), t("plan.back", { shelf })),
    el(
      "header",
      { class: "shelf-head" },
      el("span", { class: "sign big" }, shelf),
      el("h1", { class: "grow" }, t("plan.title")),
    ),
    el(
      "div",
      { class: "tools" },
      undoKey,
      el("button", { type: "button", onclick: learnHere }, icon("shelf", 20), t("learn")),
      state.said,
    ),
    adder(shelf, state),
    slots.length
      ? el(
          "ul",
          { class: "card rows slots" },
          slots.map((slot) => slotRow(shelf, slot, state)),
        )
      : el(
          "div",
          { class: "card empty slots" },
          el("p", {}, t("plan.empty")),
          el("p", { class: "small" }, t("plan.empty.do")),
        ),
  );
}
