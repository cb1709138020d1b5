// Calls of our own API. What fails is one of two things: refused (with what to do about it) or no network.

/** The server said no: `status`, `code`, a message and hint for people, and the whole `body` of the answer. */
export class Refusal extends Error {
  constructor(status, body) {
    const { code = "", message = "", hint = "" } = body?.error ?? {};
    super(message || `HTTP ${status}`);
    Object.assign(this, { status, code, hint, body });
  }
}

/** Nobody answered; the same call may work later. */
export class Unreachable extends Error {}

/** Call `path`; gives the decoded JSON (or null for 204). Throws Refusal or Unreachable. */
export async function call(method, path, body, { timeoutMs = 8000, headers = {} } = {}) {
  const isBlob = body instanceof Blob;
  const options = {
    method,
    headers: { accept: "application/json", ...headers },
    credentials: "same-origin",
    cache: "no-store",
    signal: AbortSignal.timeout(timeoutMs),
  };
  if (body !== undefined) {
    options.body = isBlob ? body : JSON.stringify(body);
    options.headers["content-type"] = isBlob ? body.type : "application/json";
  }
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    throw new Unreachable(error.message);
  }
  return decode(response);
}

async function decode(response) {
  if (response.status === 204) return null;
  const data = await response.json().catch(() => null);
  if (response.ok) return data;
  // A proxy in front that cannot reach us is the network, not a refusal.
  if ([502, 503, 504].includes(response.status) && !data?.error) throw new Unreachable(`HTTP ${response.status}`);
  throw new Refusal(response.status, data);
}

/** An id that this device made, so that sending it twice counts once. `randomUUID` needs HTTPS; this does not. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
