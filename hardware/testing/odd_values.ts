/** What a peer on a bus may say and should not: values of types that nobody asked for. */
import { type Value, Variant } from "../dbus/wire.ts";
import { feaa } from "./bus_air.ts";

/** Values of every type that a property could have and none should. */
export const odd: readonly Variant[] = [
  new Variant("s", "x".repeat(300)),
  new Variant("i", -2_147_483_648),
  new Variant("t", 2n ** 64n - 1n),
  new Variant("d", NaN),
  new Variant("b", true),
  new Variant("ay", new Uint8Array(600)),
  new Variant("as", ["", "x"]),
  new Variant("v", new Variant("v", new Variant("y", 1))),
  new Variant("a{sv}", new Map()),
  new Variant("a{sv}", new Map<Value, Value>([["no uuid", new Variant("s", "no bytes")]])),
  new Variant("a{sv}", new Map<Value, Value>([[feaa, new Variant("ay", new Uint8Array(0))]])),
  new Variant("a{sv}", new Map<Value, Value>([[feaa, new Variant("ay", new Uint8Array(400))]])),
  new Variant("a{sv}", new Map<Value, Value>([[feaa, new Variant("u", 0x30)]])),
  new Variant("a{qv}", new Map<Value, Value>([[0x004c, new Variant("ay", new Uint8Array(1))]])),
  new Variant("a{qv}", new Map<Value, Value>([[0xffff, new Variant("as", ["x"])]])),
];
