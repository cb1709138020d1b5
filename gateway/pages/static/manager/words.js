// What the manager's page says.

import { texts } from "/shared/i18n.js";

texts({
  en: {
    theme: "Light, dark or high contrast", out: "Sign out", lanes: "Checkouts now", nodes: "Machines", hq: "To headquarters",
    letters: "Messages that were refused", devices: "Handhelds", clerks: "People", "all-well": "All is well",
    "all-well.what": "Every machine answers and nothing is wrong.", "wrong.n": "{n} things are wrong", "wrong.n.one": "One thing is wrong",
    "nodes.none": "No machine has said anything yet.", "nodes.none.hint": "Start an edge node; it appears here by itself.",
    "lanes.none": "No lane is being watched yet.", online: "Online", offline: "Offline", said: "said {ago}",
    open: "Open", closed: "Closed", opening: "Opening soon", stopped: "Stopped", unknown: "No data",
    people: "{n} people", "people.one": "{n} person", wait: "{low}–{high} min", "wait.none": "no wait", inside: "{n} inside", in: "in", left: "out", door: "Door {name}",
    backlog: "{n} to send", "backlog.none": "all sent", dropped: "{n} dropped", stored: "{size} kept", ledger: "Stock and sales", telemetry: "Traffic and health",
    "streams.none": "This store has no headquarters, or nothing was sent yet.", since: "since {time}", on: "on {node}",
    "letters.none": "Nothing was refused.", "letters.source": "From", "letters.why": "Why", "letters.body": "It began with", "letters.empty": "(nothing)",
    malformed: "Malformed", oversized: "Too large", version: "Other version", topic: "Unknown topic", wire: "Not understood",
    "device.new": "New handheld", "device.name": "What shall it be called?", "device.make": "Make a code", "device.none": "No handheld is set up yet.",
    "device.since": "since {time}", "device.scan": "Open this with the new device’s camera:", "device.or": "or type this code at {url}",
    "device.left": "valid for {n} min", "device.over": "This code is too old. Make a new one.", remove: "Remove", "remove.sure": "Really remove {name}?", cancel: "Cancel",
    "clerk.new": "New person", "clerk.name": "Name", "clerk.pin": "PIN, 4 to 12 digits", "clerk.role": "Role", clerk: "Clerk", manager: "Manager", "clerk.add": "Add",
    live: "Live", lost: "Connection lost – as of {time}", removed: "Removed: {name}", added: "Added: {name}", problem: "That did not work: {why}",
    "offline.hint": "Check its power and network cable; it reports by itself when it is back.",
  },
  zh: {
    theme: "浅色、深色或高对比度", out: "退出登录", lanes: "收银台现状", nodes: "设备节点", hq: "发往总部",
    letters: "被拒收的消息", devices: "手持设备", clerks: "人员", "all-well": "一切正常",
    "all-well.what": "所有节点都在响应，没有问题。", "wrong.n": "有 {n} 个问题",
    "nodes.none": "还没有节点上报。", "nodes.none.hint": "启动一个边缘节点，它会自动出现在这里。",
    "lanes.none": "还没有收银台被监测。", online: "在线", offline: "离线", said: "{ago}上报",
    open: "开放", closed: "已关闭", opening: "即将开放", stopped: "暂停服务", unknown: "暂无数据",
    people: "{n} 人", wait: "{low}–{high} 分钟", "wait.none": "无需等候", inside: "店内 {n} 人", in: "进", left: "出", door: "门 {name}",
    backlog: "{n} 条待发送", "backlog.none": "已全部发送", dropped: "丢弃 {n} 条", stored: "占用 {size}", ledger: "库存与销售", telemetry: "客流与健康",
    "streams.none": "本店没有连接总部，或尚未发送数据。", since: "自 {time}", on: "节点 {node}",
    "letters.none": "没有被拒收的消息。", "letters.source": "来源", "letters.why": "原因", "letters.body": "开头内容", "letters.empty": "（空）",
    malformed: "格式错误", oversized: "过大", version: "版本不符", topic: "未知主题", wire: "无法理解",
    "device.new": "新增手持设备", "device.name": "设备名称", "device.make": "生成代码", "device.none": "还没有设置手持设备。",
    "device.since": "自 {time}", "device.scan": "用新设备的相机打开：", "device.or": "或在 {url} 输入此代码",
    "device.left": "{n} 分钟内有效", "device.over": "代码已过期，请重新生成。", remove: "移除", "remove.sure": "确定移除 {name}？", cancel: "取消",
    "clerk.new": "新增人员", "clerk.name": "姓名", "clerk.pin": "PIN，4 到 12 位数字", "clerk.role": "角色", clerk: "店员", manager: "经理", "clerk.add": "添加",
    live: "实时", lost: "连接中断 – 数据截至 {time}", removed: "已移除：{name}", added: "已添加：{name}", problem: "操作未成功：{why}",
    "offline.hint": "请检查电源和网线；恢复后会自动上报。",
  },
});
