// The views of the handheld, one row each: its tab, what the field below does, how it is drawn, and which news concern it.

import { icon } from "/shared/dom.js";
import * as alarm from "/static/handheld/alarms/alarm.js";
import * as alarms from "/static/handheld/alarms/list.js";
import * as counting from "/static/handheld/counting/counting.js";
import * as find from "/static/handheld/find.js";
import * as delivery from "/static/handheld/goods/delivery.js";
import * as goods from "/static/handheld/goods/list.js";
import * as scans from "/static/handheld/goods/scans.js";
import * as item from "/static/handheld/item/item.js";
import * as me from "/static/handheld/me.js";
import * as members from "/static/handheld/members.js";
import * as product from "/static/handheld/product.js";
import * as scanner from "/static/handheld/scanner.js";
import * as work from "/static/handheld/work/list.js";

const always = () => true;
const names = (data, gtin) => !data.gtins?.length || data.gtins.includes(gtin);

/**
 * name → {tab, draw(root, arguments, page), field, on, grows}
 *   field   "search", or {text, take(code, arguments)} for a view that takes codes itself; none: the field is hidden
 *   on      event's name → whether its data concern the view, so that it is drawn anew
 *   grows   it says how long something has been or will be so, and is drawn anew now and then
 */
export const VIEWS = {
  find: { tab: "find", field: "search", draw: (root) => find.view(root), on: { stock: always } },
  product: {
    tab: "find",
    field: "search",
    draw: (root, [gtin]) => product.view(root, gtin),
    on: { stock: (data, [gtin]) => names(data, gtin) },
  },
  item: {
    tab: "find",
    field: "search",
    draw: (root, [epc]) => item.view(root, epc),
    on: { stock: (data) => item.concerns(data) },
  },
  work: {
    tab: "work",
    draw: (root, [filter], { session }) => work.view(root, filter, session.clerk.id),
    on: { tasks: always },
    grows: true,
  },
  counting: { tab: "work", draw: (root, [place, gtin]) => counting.view(root, place, gtin), on: {} },
  goods: { tab: "goods", draw: (root) => goods.view(root), on: { deliveries: always } },
  delivery: {
    tab: "goods",
    field: { text: "goods.scan", take: (code, [id]) => scans.take(id, code), say: scans.sentence },
    draw: (root, [id]) => delivery.view(root, id),
    on: { stock: always, deliveries: always },
  },
  alarms: { tab: "", draw: (root) => alarms.view(root), on: { alarms: always }, grows: true },
  alarm: { tab: "", draw: (root, [id]) => alarm.view(root, id), on: { alarms: always, stock: always } },
  members: { tab: "members", draw: (root) => members.view(root), on: {} },
  scanner: { tab: "me", draw: (root, [device]) => scanner.view(root, device), on: {} },
  me: { tab: "me", draw: (root, _, page) => me.view(root, page.session, page.signOut), on: {} },
};

/** The tabs at the bottom, in the order in which a thumb meets them. */
export const TABS = [
  ["find", "search"],
  ["work", "tasks"],
  ["goods", "truck"],
  ["members", "card"],
  ["me", "person"],
].map(([name, picture]) => ({ name, draw: () => icon(picture) }));

/** Which view the address asks for, and its arguments. */
export function route() {
  const [name, ...rest] = location.hash.slice(1).split("/");
  return { name: Object.hasOwn(VIEWS, name) ? name : "find", rest: rest.map(decodeURIComponent) };
}
