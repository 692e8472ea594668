/** S2 told to the end: data of an account is changed by a face that the issuer alone compares. */
import { account_change } from "./s2_account.ts";
import { testStory } from "./testing.ts";

testStory(account_change);
