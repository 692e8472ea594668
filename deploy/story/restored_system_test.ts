/** The issuer's file put back from a backup, told to the end. */
import { restored } from "./restored.ts";
import { testStory } from "./testing.ts";

testStory(restored);
