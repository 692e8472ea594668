/** Brokers of a walk-out aisle: where trackers and shelves of the store's own publish what they
 * see. */
import { MqttReadings } from "../../hardware/mqtt/readings.ts";
import type { ReadingsPort } from "../../hardware/ports.ts";
import { aisleSecret, type Config } from "../../runtime/config.ts";
import { given } from "./given.ts";

/** None of them is asked yet. */
export function brokersOf(
  { aisle, store, gateway }: Pick<Config, "aisle" | "store" | "gateway">,
): ReadingsPort[] {
  if (aisle?.mqtt === undefined) return [];
  const { url, topic, username, password_file } = aisle.mqtt;
  const password = aisleSecret(password_file, (path) => Deno.readTextFileSync(path));
  // A broker keeps one session of each name: of this gateway, whenever it was started.
  const session = `saunter-${store.id}-${gateway.id}`;
  return [new MqttReadings({ id: "mqtt", url, topic, session, ...given({ username, password }) })];
}
