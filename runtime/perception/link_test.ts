/** The gateway's end of real Workers: those that throw, fail later or hang are gone, and told. */
import assert from "node:assert/strict";
import { RuntimeError } from "../errors.ts";
import { WorkerLink, type WorkerPort } from "./link.ts";
import { realClock } from "../real.ts";

/** A Worker from a line of script. */
function scripted(script: string): WorkerPort {
  return new Worker(`data:text/javascript,${encodeURIComponent(script)}`, { type: "module" });
}

Deno.test("a real Worker that throws is gone, and the process is not", async () => {
  const patience = { beat_ms: 60_000, silent_beats: 3 };
  const script = "onmessage = () => { throw new Error('planted'); }";
  const link = new WorkerLink(scripted(script), realClock, patience);
  await assert.rejects(
    link.ask("clear", {}),
    (error) =>
      error instanceof RuntimeError && error.kind === "stopped" && /planted/.test(error.message),
  );
  assert.match(await link.ended, /it died: .*planted/);
});

Deno.test("a real Worker that fails in a promise is gone as well", async () => {
  const patience = { beat_ms: 60_000, silent_beats: 3 };
  const script = "onmessage = () => { Promise.reject(new Error('planted')); }";
  const link = new WorkerLink(scripted(script), realClock, patience);
  await assert.rejects(link.ask("clear", {}), /planted/);
});

Deno.test("a real Worker that hangs is ended after its beats", async () => {
  const patience = { beat_ms: 20, silent_beats: 3 };
  const link = new WorkerLink(scripted("onmessage = () => { for (;;); }"), realClock, patience);
  await assert.rejects(link.ask("clear", {}), /it was silent for 60 ms/);
});

Deno.test("a Worker that opens its models is given more time, until it has spoken", async () => {
  const patience = { beat_ms: 20, silent_beats: 2, opening_beats: 5 };
  const never = new WorkerLink(scripted("onmessage = () => { for (;;); }"), realClock, patience);
  await assert.rejects(never.ask("clear", {}), /it was silent for 100 ms/);
  const script = "onmessage = ({ data: { ticket, verb } }) => " +
    "{ if (verb === 'clear') postMessage({ ticket }); else for (;;); }";
  const slow = { ...patience, opening_beats: 500 };
  const link = new WorkerLink(scripted(script), realClock, slow);
  await link.ask("clear", {});
  assert.match(await link.ended, /it was silent for 40 ms/);
});

Deno.test("what cannot be sent is refused, and nobody waits for it", async () => {
  const link = new WorkerLink(scripted("onmessage = () => {}"), realClock, {
    beat_ms: 60_000,
    silent_beats: 3,
  });
  const data = new Uint8Array(4);
  structuredClone(data, { transfer: [data.buffer] });
  const values = new Float32Array(4);
  await assert.rejects(link.ask("admit", { visit: "ada", values }, [data.buffer]));
  link.close("the test is over");
});
