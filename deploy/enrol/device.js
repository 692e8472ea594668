// The device's key as far as a browser can keep one: 32 random bytes in this origin's database.
// An app keeps them in the phone's secure storage instead.

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

async function within(work) {
  const opening = indexedDB.open("saunter", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("device");
  const database = await done(opening);
  try {
    return await work(database.transaction("device", "readwrite").objectStore("device"));
  } finally {
    database.close();
  }
}

/** The seed of this browser's key, made at the first call. */
export const deviceSeed = () =>
  within(async (store) => {
    const known = await done(store.get("seed"));
    if (known instanceof Uint8Array && known.length === 32) return known;
    const seed = crypto.getRandomValues(new Uint8Array(32));
    await done(store.put(seed, "seed"));
    return seed;
  });

/** What this browser knows besides: `person`, whose account its key opened; `offers`, whether they
 * are wanted. Undefined before. */
export const remembered = (name) => within((store) => done(store.get(name)));
export const remember = (name, value) => within((store) => done(store.put(value, name)));
