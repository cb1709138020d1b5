// Signing in and out.

import { call, Refusal, Unreachable } from "/shared/api.js";
import { byId } from "/shared/dom.js";
import { t } from "/shared/i18n.js";

/** What to tell people about something that failed. */
export function explain(error) {
  if (error instanceof Refusal) return [error.message, error.hint].filter(Boolean).join(" ");
  return error instanceof Unreachable ? t("unreachable") : String(error);
}

function say(text) {
  const place = byId("sign-in-error");
  place.textContent = text;
  place.hidden = !text;
}

/** Show the form; `why` says why it is there, if there is a reason. */
export function askToSignIn(why = "") {
  byId("signed-in").hidden = true;
  byId("sign-out").hidden = true;
  byId("sign-in").hidden = false;
  say(why);
  byId(byId("name").value ? "password" : "name").focus();
}

/** Call `onSignedIn` when somebody is signed in: now, or after the form. */
export async function session(onSignedIn, onSignedOut) {
  const enter = () => {
    byId("sign-in").hidden = true;
    byId("signed-in").hidden = false;
    byId("sign-out").hidden = false;
    byId("password").value = "";
    say("");
    onSignedIn();
  };
  byId("sign-in-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = event.target.querySelector("button");
    button.disabled = true;
    try {
      await call("POST", "/api/session", { name: byId("name").value.trim(), password: byId("password").value });
      enter();
    } catch (error) {
      say(explain(error));
    } finally {
      button.disabled = false;
    }
  });
  byId("sign-out").addEventListener("click", async () => {
    await call("DELETE", "/api/session").catch(() => null);
    onSignedOut();
    askToSignIn();
  });
  try {
    const { staff } = await call("GET", "/api/session");
    if (staff) enter();
    else askToSignIn();
  } catch (error) {
    askToSignIn(explain(error));
  }
}
