// @ts-check
/// <reference lib="dom" />
/**
 * The form in the head of an operator's page: who decides signs in with a PIN, and out again. The
 * session is in a cookie that no script can read; whether there may be one the page notes.
 */
import { ask, at } from "./page.js";

/** @typedef {{ operator: string, name: string }} Session */

const noted = "operator-signed-in";
/** Who has signed in; null: nobody. @type {Session | null} */
let session = null;
let changed = () => {};

/** Who decides on this page now. */
export const operator = () => session;

/** @param {Session | null} now */
function signedIn(now) {
  session = now;
  if (now === null) localStorage.removeItem(noted);
  else localStorage.setItem(noted, "yes");
  at("sign-in").hidden = now !== null;
  at("signed-in").hidden = now === null;
  at("who").textContent = now?.name ?? "";
  changed();
}

/** Asks the gateway who is signed in: a session ends after a while, and with the gateway. */
export function lookAgain() {
  ask("/operators/session").then(signedIn, () => signedIn(null));
}

/**
 * Listens to the form, and calls after each change of who has signed in.
 * @param {() => void} call
 */
export function signIn(call) {
  changed = call;
  at("sign-in").addEventListener("submit", async (event) => {
    event.preventDefault();
    const name = /** @type {HTMLInputElement} */ (at("operator"));
    const pin = /** @type {HTMLInputElement} */ (at("pin"));
    const body = { operator: name.value, pin: pin.value };
    pin.value = "";
    try {
      signedIn(await ask("/operators/sessions", body));
      at("trouble").textContent = "";
    } catch (error) {
      at("trouble").textContent = error instanceof Error ? error.message : String(error);
    }
  });
  at("sign-out").addEventListener("click", async () => {
    try {
      await fetch("/operators/session", { method: "DELETE" });
      signedIn(null);
    } catch {
      at("trouble").textContent = "Nobody was signed out: the gateway does not answer.";
    }
  });
  if (localStorage.getItem(noted) === null) signedIn(null);
  else lookAgain();
}
