// What the handheld keeps on the device: the last snapshot of the stock, and what waits for the network.

const NAME = "aisle-handheld";
const STORES = ["kept", "counts", "acts"];
const memory = Object.fromEntries(STORES.map((name) => [name, new Map()]));
let opening = null;

function open() {
  opening ??= new Promise((done) => {
    let asked;
    try {
      asked = indexedDB.open(NAME, 2);
    } catch {
      return done(null);
    }
    asked.onupgradeneeded = () => {
      const { objectStoreNames: made } = asked.result;
      for (const name of STORES) if (!made.contains(name)) asked.result.createObjectStore(name);
    };
    asked.onsuccess = () => {
      // A newer page in another tab must not wait for this one.
      asked.result.onversionchange = () => asked.result.close();
      done(asked.result);
    };
    // A private window may have no database: then all of this lasts as long as the page.
    asked.onerror = () => done(null);
    return undefined;
  });
  return opening;
}

async function within(name, mode, act) {
  const database = await open();
  if (!database) return undefined;
  return new Promise((done, failed) => {
    const change = database.transaction(name, mode);
    const asked = act(change.objectStore(name));
    change.oncomplete = () => done(asked.result);
    change.onabort = () => failed(change.error ?? new Error("storage refused"));
  });
}

/** The value under `key`, or null. */
export async function get(name, key) {
  if (memory[name].has(key)) return memory[name].get(key);
  return (await within(name, "readonly", (store) => store.get(key))) ?? null;
}

/** All values. */
export async function all(name) {
  if (!(await open())) return [...memory[name].values()];
  return within(name, "readonly", (store) => store.getAll());
}

/** Keep `value`. Resolves when it is on the disk. */
export async function put(name, key, value) {
  if (!(await open())) memory[name].set(key, value);
  else await within(name, "readwrite", (store) => store.put(value, key));
}

/** Forget what is under `key`. */
export async function remove(name, key) {
  memory[name].delete(key);
  await within(name, "readwrite", (store) => store.delete(key));
}

/** Forget everything of one kind. */
export async function clear(name) {
  memory[name].clear();
  await within(name, "readwrite", (store) => store.clear());
}
