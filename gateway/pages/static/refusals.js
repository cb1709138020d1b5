// Why something was refused and what to do, in the person's language. The API speaks English; its codes become
// Chinese here.

import { Unreachable } from "/shared/api.js";
import { language, t, texts } from "/shared/i18n.js";

texts({
  en: { "refused.offline": "No connection. Try again when the network is back." },
  zh: { "refused.offline": "没有网络。联网后请重试。" },
});

const CHINESE = {
  again: "此事已有新任务，请领取新任务。",
  already_closed: "{who} 已关闭此警报。",
  bad_code: "此代码无效、已使用或已过期。请重新扫描，或向经理索取新代码。",
  bad_name: "姓名无效，请重新输入。",
  bad_phone: "这不是有效的电话号码，请重新输入。",
  bad_picture: "无法读取这张照片，请重拍。",
  bad_plan: "这不是有效的陈列计划，请先导出查看格式。",
  bad_slot: "这些数字不合理，请更正。",
  basket_full: "购物篮已满，请先付款或咨询店员。",
  cancelled: "此次到货已取消，收货前请先联系供应商。",
  card_taken: "此卡已属于其他会员，请换一张。",
  claimed: "{who} 已领取此任务，请选择其他任务。",
  count_first: "清点任务通过清点来完成。请先清点。",
  disk: "现在无法保存，请告知经理。",
  done: "此任务已经完成，请选择其他任务。",
  empty_basket: "购物篮是空的，请先扫描商品。",
  dropped: "此任务已不再需要，请选择其他任务。",
  fold: "当前版本仍无法处理这些数据，数据已保留。请更新 Aisle 后重试。",
  internal: "出错了，请重试；日志中有详细原因。",
  invalid: "输入的内容不正确，请检查。",
  last_manager: "至少要保留一位经理。请先添加另一位经理。",
  malformed: "内容无法读取，请重试。",
  member_exists: "此电话已登记，会员如下。",
  no_basket: "没有打开的购物篮，请新建。",
  no_broker: "现在无法通知节点，请等消息服务恢复后再试。",
  no_such_camera: "没有这个摄像头，请查看摄像头列表。",
  no_such_lane: "没有节点管理这个收银台，请查看收银台列表。",
  no_such_day: "没有这一天，请按 2026-11-22 的格式填写。",
  node_hidden: "此节点的页面只能在节点本机上查看。",
  node_offline: "该节点离线，请检查电源和网络。",
  not_a_picture: "需要 JPEG 或 PNG 照片，请用相机拍摄。",
  not_enrolled: "此设备尚未设置，请向经理索取代码。",
  not_manager: "只有经理可以操作，请经理登录。",
  not_open: "还没有人开始收货，请先开始。",
  not_planned: "陈列计划中此货架没有此商品，无需处理。",
  not_yours: "只有完成任务的人可以撤销，请联系对方。",
  nothing: "没有可以撤销的扫描。",
  open: "此警报尚未关闭，请先说明情况。",
  other_key: "此会员用其他密钥加密。请让所有门店使用同一会员密钥文件。",
  other_site: "请从 Aisle 自己的页面操作。",
  oversized: "内容过大。",
  paused: "尝试次数过多，请等待 {n} 秒后再试。",
  received: "此次到货已收货，可在十分钟内重新打开。",
  shelf_decides: "货架还没有看到全部商品（{n}）。请摆好后再试，或放弃此任务。",
  signed_out: "此设备无人登录，请用 PIN 登录。",
  slow: "网络太慢，内容没有及时到达，请重试。",
  stands: "读写器现在看到它，请去那里查看。",
  stopping: "服务正在停止，请稍后重试。",
  too_late: "只能在十分钟内撤销。如有变化，请重新清点或处理。",
  too_many: "打开的页面过多，请关闭一些或稍后再试。",
  unknown_alarm: "没有此警报。",
  unknown_change: "没有此更改记录；更改只能在十分钟内撤销。",
  unknown_clerk: "没有此人员，可能已被移除。",
  unknown_count: "没有此清点记录，可能尚未发送。",
  unknown_delivery: "没有此次到货，请重新查看列表。",
  unknown_device: "没有此设备，可能已被移除。",
  unknown_item: "本店没有货架看到过此标签，请重新扫描。",
  unknown_line: "购物篮中没有此商品，可能已被移除。",
  unknown_member: "本店没有此会员，请登记或重新扫描。",
  unknown_product: "本店没有此商品。请检查号码，或按名称查找。",
  unknown_shelf: "本店没有此货架。有读写器监测或安排了商品后，它会自动出现。",
  unknown_task: "没有此任务，请重新查看列表。",
  weak_pin: "此 PIN 太容易被猜到：不要全部相同，也不要连续。",
  wrong_pin: "PIN 不正确。请重试；输错五次后需要等待。",
};

/** What to tell a person about a failed call. */
export function why(error) {
  if (error instanceof Unreachable) return t("refused.offline");
  const chinese = language() === "zh" ? CHINESE[error.code] : undefined;
  if (chinese) {
    const who = error.message.match(/^(.+?) has /)?.[1] ?? "其他人";
    return chinese.replace("{n}", error.message.match(/\d+/)?.[0] ?? "60").replace("{who}", who);
  }
  return [error.message, error.hint].filter(Boolean).join(" ");
}
