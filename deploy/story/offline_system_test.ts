/** The issuer away, told to the end. */
import { offline, outlasting } from "./offline.ts";
import { testStory } from "./testing.ts";

testStory(offline);
testStory(outlasting);
