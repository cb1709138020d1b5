// Where a phone or a computer of the store starts: three doors.

import { call } from "/shared/api.js";
import { byId } from "/shared/dom.js";
import { languageButton, texts, translate } from "/shared/i18n.js";
import { theme } from "/shared/theme.js";

texts({
  en: {
    hello: "What would you like to do?",
    shop: "Shop with my phone",
    "shop.what": "Scan as you go and see the total",
    handheld: "Find an item",
    "handheld.what": "For staff: stock, counts, members",
    manager: "Run the store",
    "manager.what": "For managers: what is wrong now, devices, people",
  },
  zh: {
    hello: "你想做什么？",
    shop: "用手机购物",
    "shop.what": "边逛边扫，随时看到总价",
    handheld: "查找商品",
    "handheld.what": "店员使用：库存、清点、会员",
    manager: "管理门店",
    "manager.what": "经理使用：当前问题、设备、人员",
  },
});

theme("home");
languageButton(byId("language"));
translate();
const session = await call("GET", "/api/session").catch(() => null);
if (session?.store) byId("store").textContent = session.store.name || session.store.id;
// An enrolled device is a handheld: it goes where it is used, and comes back here by /?stay.
if (session?.device && !location.search.includes("stay")) location.replace("/handheld");
