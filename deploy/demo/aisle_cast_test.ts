/** The demo's aisle: what its gate's camera sees can be read, and what was really taken has a
 * price. */
import assert from "node:assert/strict";
import { SimulatedGate } from "../../hardware/simulated/aisle/gate.ts";
import { chanceOf } from "../../hardware/simulated/chance.ts";
import { readCode } from "../../runtime/perception/code_reader.ts";
import { makeEntryCode } from "../../runtime/sync/contract/tokens.ts";
import { utf8 } from "../../runtime/vault/bytes.ts";
import { nodeVault } from "../../runtime/vault/node.ts";
import { entryOf, entryPicture } from "../phone/entry.ts";
import { priceOfUnits } from "./aisle_cast.ts";

Deno.test("a code that a phone holds before the gate is read from its camera", async () => {
  const { privateKey } = nodeVault.signingKey(nodeVault.sha256(utf8("a phone")));
  const random = { bytes: (length: number) => new Uint8Array(length).fill(7) };
  const payload = entryOf("acct_0123456789abcdef0123456789", 1_790_000_000_000, random, 4);
  const code = makeEntryCode(nodeVault, { keyid: "device:0123456789abcdef", privateKey }, payload);
  const due: (() => void)[] = [];
  const clock = {
    now_ms: () => 1_790_000_000_000,
    after: (_delay_ms: number, call: () => void) => (due.push(call), () => {}),
  };
  const gate = new SimulatedGate({ id: "in", clock, chance: chanceOf("grain") });
  const frames = gate.frames(new AbortController().signal);
  const next = async () => {
    const frame = frames.next();
    due.pop()!();
    return (await frame).value!;
  };
  assert.equal(await readCode(await next()), undefined, "nobody stands there");
  const opened = gate.present(entryPicture(code), 5_000);
  assert.equal(await readCode(await next()), code);
  const shut = gate.open();
  assert.equal(await opened, true);
  assert.equal(await readCode(await next()), undefined, "the phone is taken away");
  gate.pass();
  gate.unplug();
  await shut;
});

Deno.test("what was really taken costs what the retailer asks for it", () => {
  // Three bars of which one is free, with the reduced tax.
  assert.equal(priceOfUnits({ "2000000000077": 3 }), Math.floor((498 * 10_700 + 5_000) / 10_000));
  assert.equal(priceOfUnits({}), 0);
});
