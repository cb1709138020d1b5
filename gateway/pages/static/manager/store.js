// The view of what runs the store: machines, what goes to headquarters, refused messages. Forms stand beside it.

import { byId } from "/shared/dom.js";
import { Feed } from "/static/manager/data.js";
import { status } from "/static/manager/now.js";
import { drawSetAside } from "/static/manager/set_aside.js";
import { drawLetters, drawNodes, drawStreams } from "/static/manager/state.js";

const LETTERS = 50;
const letters = new Feed("/api/manager/dead-letters");

export const store = {
  load: () => Promise.all([status.load(), letters.load(`?limit=${LETTERS}`)]),
  draw() {
    if (status.value) {
      drawNodes(byId("nodes"), status.value);
      drawStreams(byId("streams"), status.value);
    }
    if (letters.value) {
      drawSetAside(byId("set-aside"), letters.value.set_aside, () => store.load().then(store.draw));
      drawLetters(byId("letters"), letters.value);
    }
  },
  news: (name) => (name === "status" ? "load" : ""),
};
