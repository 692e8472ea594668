/** S6 told to the end: a face, a tap, a charge, a receipt, and money given back. */
import { face } from "./s6_face.ts";
import { testStory } from "./testing.ts";

testStory(face);
