// Reading a code with the device's camera. Only the part inside the guide leaves the device, and only to our gateway,
// which decodes it in memory; where the browser reads codes itself, nothing leaves at all.

import { call } from "/shared/api.js";
import { el, icon, show } from "/shared/dom.js";
import { t, texts } from "/shared/i18n.js";
import { why } from "/static/refusals.js";

texts({
  en: {
    "camera.hold": "Hold the code inside the frame",
    "camera.close": "Close",
    "camera.photo": "Take a photo",
    "camera.none": "No code was found in the photo. Go closer, or type the number.",
    "camera.refused": "The camera may not be used. Allow it in the browser, or take a photo.",
    "camera.light": "Light",
  },
  zh: {
    "camera.hold": "将条码对准框内",
    "camera.close": "关闭",
    "camera.photo": "拍照",
    "camera.none": "照片中没有找到条码。请靠近一些，或输入号码。",
    "camera.refused": "无法使用摄像头。请在浏览器中允许，或改为拍照。",
    "camera.light": "补光",
  },
});

const EVERY_MS = 300;
const GUIDE = { width: 0.86, height: 0.42 };
const WIDEST_PX = 960;
const PICTURE = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } };
const AGAIN_MS = 2500; // a code that stays before the camera is not read twice

/** Ask the gateway what an image says; the first code's text or null. */
async function decode(blob) {
  const { codes } = await call("POST", "/api/codes/image", blob, { timeoutMs: 5000 });
  return codes[0]?.text ?? null;
}

const jpeg = (canvas) =>
  new Promise((done) => {
    canvas.toBlob(done, "image/jpeg", 0.85);
  });

/** Read one code: a text, or null when the person closed the camera. */
export async function readCode() {
  if (!navigator.mediaDevices?.getUserMedia) return readPhoto(); // only HTTPS pages get a live camera
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: PICTURE,
    });
  } catch {
    return readPhoto(t("camera.refused"));
  }
  try {
    return await watch(stream);
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
}

/** Read one code after the other until the person closes the camera. `take(text)` gives what to say about it. */
export async function readCodes(take) {
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: PICTURE });
  } catch {
    // One photo is one code; whoever has more takes another.
    const text = await readPhoto(navigator.mediaDevices ? t("camera.refused") : "");
    if (text) await take(text);
    return;
  }
  try {
    await watch(stream, take);
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
}

/** Look until a code is found, or with `take` until the person closes; the same code counts anew after a pause. */
function watch(stream, take = null) {
  return new Promise((found) => {
    const video = el("video", { autoplay: true, muted: true, playsInline: true });
    const hold = el("p", { class: "hold", role: "status" }, t("camera.hold"));
    video.srcObject = stream;
    const dialog = el(
      "dialog",
      { class: "camera" },
      video,
      el("div", { class: "guide", "aria-hidden": "true" }),
      hold,
      el(
        "div",
        { class: "camera-keys" },
        lightKey(stream),
        el(
          "button",
          { type: "button", class: "wide", onclick: () => dialog.close() },
          icon("cross"),
          t("camera.close"),
        ),
      ),
    );
    let result = null;
    dialog.addEventListener("close", () => {
      dialog.remove();
      found(result);
    });
    document.body.append(dialog);
    dialog.showModal();
    const seen = { text: "", at: 0 };
    look(
      video,
      () => dialog.open,
      async (text) => {
        if (!take) {
          result = text;
          navigator.vibrate?.(60);
          dialog.close();
          return;
        }
        const isSame = text === seen.text && Date.now() - seen.at < AGAIN_MS;
        Object.assign(seen, { text, at: Date.now() });
        if (!isSame) show(hold, await take(text));
      },
    );
  });
}

function lightKey(stream) {
  const track = stream.getVideoTracks()[0];
  if (!track?.getCapabilities?.().torch) return null;
  let isOn = false;
  return el(
    "button",
    {
      type: "button",
      onclick: () => {
        isOn = !isOn;
        track.applyConstraints({ advanced: [{ torch: isOn }] }).catch(() => {});
      },
    },
    icon("sun"),
    t("camera.light"),
  );
}

async function look(video, isOpen, found) {
  const canvas = document.createElement("canvas");
  const detector = "BarcodeDetector" in window ? new window.BarcodeDetector() : null;
  while (isOpen()) {
    await new Promise((wake) => {
      setTimeout(wake, EVERY_MS);
    });
    if (!video.videoWidth || !isOpen()) continue;
    crop(video, canvas);
    try {
      const text = (await detector?.detect(canvas))?.[0]?.rawValue ?? (await decode(await jpeg(canvas)));
      if (text && isOpen()) await found(text);
    } catch {
      // not readable now, or no network: the next frame may be
    }
  }
}

/** The part of the picture that the person sees inside the guide: the video fills its box, cut at the edges. */
function crop(video, canvas) {
  const { videoWidth: w, videoHeight: h, clientWidth: boxW, clientHeight: boxH } = video;
  const scale = Math.max(boxW / w, boxH / h);
  const across = Math.min(w, (boxW / scale) * GUIDE.width);
  const down = Math.min(h, (boxH / scale) * GUIDE.height);
  const shrink = Math.min(1, WIDEST_PX / across);
  Object.assign(canvas, { width: Math.round(across * shrink), height: Math.round(down * shrink) });
  canvas
    .getContext("2d")
    .drawImage(video, (w - across) / 2, (h - down) / 2, across, down, 0, 0, canvas.width, canvas.height);
}

/** Without a live camera: the system's own camera takes one photo. */
function readPhoto(why = "") {
  return new Promise((found) => {
    const input = el("input", { type: "file", accept: "image/*", capture: "environment", class: "out-of-sight" });
    const said = el("p", { role: "alert" }, why);
    const dialog = el(
      "dialog",
      { class: "photo card" },
      said,
      input,
      el(
        "button",
        { type: "button", class: "primary wide", onclick: () => input.click() },
        icon("camera"),
        t("camera.photo"),
      ),
      el("button", { type: "button", class: "quiet wide", onclick: () => dialog.close() }, t("camera.close")),
    );
    let result = null;
    dialog.addEventListener("close", () => {
      dialog.remove();
      found(result);
    });
    input.addEventListener("change", async () => {
      if (!input.files[0]) return;
      try {
        result = await decode(await shrunk(input.files[0]));
      } catch (error) {
        show(said, why(error));
        return;
      }
      if (result) dialog.close();
      else show(said, t("camera.none"));
    });
    document.body.append(dialog);
    dialog.showModal();
    if (!why) input.click();
  });
}

async function shrunk(file) {
  const image = await createImageBitmap(file);
  const shrink = Math.min(1, 1600 / Math.max(image.width, image.height));
  const canvas = el("canvas", { width: Math.round(image.width * shrink), height: Math.round(image.height * shrink) });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return jpeg(canvas);
}
