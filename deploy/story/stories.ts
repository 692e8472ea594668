/** Every story there is, by its name. */
import { walkOut } from "./s1_walk_out.ts";
import { account_change } from "./s2_account.ts";
import { erasure } from "./erasure.ts";
import { restricted } from "./s3_restricted.ts";
import { token } from "./s4_token.ts";
import { challenge } from "./s5_challenge.ts";
import { face } from "./s6_face.ts";
import { codes } from "./s7_codes.ts";
import { limits } from "./s8_limits.ts";
import { offline, outlasting } from "./offline.ts";
import { restored } from "./restored.ts";
import { presence } from "./s9_presence.ts";
import { content_shown } from "./s10_content.ts";
import type { Story } from "./story.ts";

export const stories: readonly Story[] = [
  walkOut,
  account_change,
  restricted,
  token,
  challenge,
  face,
  codes,
  limits,
  presence,
  content_shown,
  offline,
  outlasting,
  erasure,
  restored,
];
