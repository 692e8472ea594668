/** The catalogue, the content and the judged texts and pairs that lie beside this file. */
import { parseCatalogue } from "../../runtime/content/catalogue.ts";
import { parseContent } from "../../runtime/content/document.ts";
import { Library } from "../../runtime/content/library.ts";
import { type Labelled, readLabelled } from "./labelled.ts";
import { type Pair, readPairs } from "./pairs.ts";

const text = (file: string) => Deno.readTextFileSync(new URL(file, import.meta.url));

export const readCatalogue = () => parseCatalogue(text("catalogue.json"), "catalogue.json");
export const labelledTexts = (): readonly Labelled[] => readLabelled(text("labelled.jsonl"));
export const judgedPairs = (): readonly Pair[] => readPairs(text("pairs.jsonl"));

/** Judged before any of them, or of their content, was run. */
export const heldOutPairs = (): readonly Pair[] => readPairs(text("held_out_pairs.jsonl"));

/** The sample store's content, annotated. */
export const sampleLibrary = (): Library => libraryOf("items.jsonld");
/** The content of the pairs that were held out. */
export const heldOutLibrary = (): Library => libraryOf("held_out_items.jsonld");

function libraryOf(file: string): Library {
  const library = new Library(readCatalogue());
  for (const item of parseContent(text(file), file)) library.put(item);
  return library;
}
