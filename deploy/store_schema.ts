/**
 * Writes `deploy/store.schema.json`, by which editors complete and check a store's configuration,
 * from the schema that the gateway itself checks it with.
 */
import { configJsonSchema } from "../runtime/config.ts";

await Deno.writeTextFile(
  new URL("./store.schema.json", import.meta.url),
  JSON.stringify(configJsonSchema(), null, 2) + "\n",
);
