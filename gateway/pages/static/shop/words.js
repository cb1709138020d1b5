// What the shopper's page says.

import { texts } from "/shared/i18n.js";

texts({
  en: {
    title: "My basket", theme: "Light, dark or high contrast", total: "Total", type: "Or type the number", add: "Add",
    scan: "Scan an item", empty: "Your basket is empty", "empty.hint": "Scan the code on an item and put it in your bag.",
    remove: "Remove one {name}", removed: "Removed: {name}", added: "Added: {name}", undo: "Undo", left: "{n} left", "left.few": "Only {n} left",
    "left.none": "Last ones", each: "{price} each", offline: "No network. What you scan is kept and added when it is back.",
    waiting: "waits for the network", unknown: "This code is not one of ours. Ask our staff.", points: "{n} points on your card",
    "new": "A new basket was started.", "member.added": "Your member card is on this basket.", problem: "That did not work: {why}",
  },
  zh: {
    title: "我的购物篮", theme: "浅色、深色或高对比度", total: "合计", type: "或输入条码号码", add: "加入",
    scan: "扫描商品", empty: "购物篮是空的", "empty.hint": "扫描商品上的条码，然后放进袋子里。",
    remove: "移除一件 {name}", removed: "已移除：{name}", added: "已加入：{name}", undo: "撤销", left: "还有 {n} 件", "left.few": "仅剩 {n} 件",
    "left.none": "最后几件", each: "每件 {price}", offline: "没有网络。扫描的商品会先保存，联网后自动加入。",
    waiting: "等待网络", unknown: "此条码不是本店商品。请咨询店员。", points: "会员卡积分 {n}",
    "new": "已新建购物篮。", "member.added": "会员卡已绑定到此购物篮。", problem: "操作未成功：{why}",
  },
});
