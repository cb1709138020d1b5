// Pressing a key that asks the gateway: dead while it waits, without losing the focus; what fails is said.

import { Refusal, Unreachable } from "/shared/api.js";
import { toast } from "/shared/toast.js";
import { why } from "/static/refusals.js";

/** Run `act` for `button` once, however often it is pressed meanwhile, then `done`. A refusal becomes a toast. */
export async function press(button, act, { done = () => {}, key = "press", say = why } = {}) {
  if (button?.ariaBusy === "true") return;
  if (button) button.ariaBusy = "true";
  try {
    await act();
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error;
    toast(say(error), { kind: "bad", key, seconds: 8 });
  } finally {
    if (button) button.ariaBusy = "false";
  }
  await done();
}
