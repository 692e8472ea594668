/** The Worker that compares one spoken answer with voices. */
import { type EarScope, serveEar } from "./ear.ts";

serveEar(self as unknown as EarScope);
