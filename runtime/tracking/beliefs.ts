/**
 * What the tracker believes about the senses of a store before it has seen any: found on tuning
 * seeds, meant to be measured again where it is installed. A store gives its own in their place.
 */
export interface Beliefs {
  /** What swings on a plate dies away with this time constant. */
  readonly settling_ms: number;
  /** A plate is at rest when for so long what it swings about stays within so much. */
  readonly calm_ms: number;
  readonly calm_g: number;
  /** From its level at rest, so much is movement. */
  readonly trigger_g: number;
  /** A plate that does not come to rest is read as it is after so long. */
  readonly restless_ms: number;
  /** Deviation of the difference of two levels. */
  readonly scale_deviation_g: number;
  /** Shares of changes: units of one kind, more than one kind at once, more than one person,
   * put back, put back on a plate of other things, only leant on, explained by nothing that is
   * known. */
  readonly units: readonly number[];
  readonly two_kinds: number;
  readonly two_people: number;
  readonly put_back: number;
  readonly misplaced: number;
  readonly leant_on: number;
  readonly unexplained: number;
  /** One whom the tracker does not know, such as staff, takes so small a share. */
  readonly stranger: number;
  /** A hand that acts is seen so often, and taken for that of somebody so near so often, each
   * further one of the same movement in so few of these cases; one that does not act is seen all
   * the same so often. */
  readonly hand_seen: number;
  readonly hand_given: number;
  readonly hand_given_again: number;
  readonly hand_given_m: number;
  readonly hand_false: number;
  /** Whoever moves several packages at once is seen to reach once all the same in so few of all
   * cases; otherwise once for each. */
  readonly reach_once: number;
  /** Of one movement a camera tells again and again in so few of all cases: how often says nothing
   * then. */
  readonly reach_again: number;
  /** Hands that begin within so long of each other are one movement. */
  readonly one_movement_ms: number;
  /** One person acts again within so long in so few of all cases. */
  readonly again_ms: number;
  readonly again_share: number;
  /** One person acts at two plates within so long in so few of all cases. */
  readonly elsewhere_ms: number;
  readonly elsewhere_share: number;
  /** A hand is seen from so long before the plate moves. */
  readonly hand_before_ms: number;
  /** Whoever acts stands before the plate, so wide, in so many of all cases; otherwise anywhere
   * within an arm's length, known so well. Beyond the last nobody acts. */
  readonly stand_before: number;
  readonly stand_deviation_m: number;
  readonly stand_reach_m: number;
  readonly stand_unsure_m: number;
  readonly stand_most_m: number;
  /** A look at the clothes is right so often; a wrong one names one certain other so often. */
  readonly look_right: number;
  readonly look_other: number;
  /** Two tracks within so much may be mistaken for each other, so often at each such moment; and
   * the tracker sets a track right again after so long on average. */
  readonly meet_m: number;
  readonly meet_swap: number;
  readonly set_right_ms: number;
  /** Where somebody is seen next, from where he was seen last: off by so much when he stands, and
   * by such a share more of the way that he would have gone. */
  readonly next_deviation_m: number;
  readonly next_deviation_share: number;
  /** Nobody walks faster, or jumps so far between two looks; and so few jumps of two tracks into
   * each other's place exchange them instead of setting them right. */
  readonly walk_m_per_s: number;
  readonly jump_m: number;
  readonly jump_false: number;
  /** Deviation of a count as a share of what is there, and at least; a count that is worthless. */
  readonly count_deviation_share: number;
  readonly count_deviation_least: number;
  readonly count_worthless: number;
  /** Deviation of a bag's weight, and of a heavy one's; the share of bags with other things in
   * them, and of those in which not everything lies that was taken. */
  readonly bag_deviation_g: number;
  readonly bag_heavy_g: number;
  readonly bag_heavy_deviation_g: number;
  readonly bag_foreign: number;
  readonly bag_incomplete: number;
  /** The most that other things, or missing ones, weigh: spreads these shares. */
  readonly bag_foreign_most_g: number;
  /** A change waits so long for later looks at who was there. */
  readonly lag_ms: number;
  /** A cart closes so long after its shopper has left, if it is beyond doubt; otherwise it waits
   * for more evidence until the deadline, and goes to a person if it is not certain then. */
  readonly grace_ms: number;
  readonly deadline_ms: number;
  readonly beyond_doubt: number;
  readonly certain: number;
}

export const beliefs: Beliefs = {
  settling_ms: 200,
  calm_ms: 300,
  calm_g: 2,
  trigger_g: 5,
  restless_ms: 10_000,
  scale_deviation_g: 2.3,
  units: [0.8, 0.13, 0.05, 0.02],
  two_kinds: 0.03,
  two_people: 0.02,
  put_back: 0.25,
  misplaced: 0.12,
  leant_on: 0.05,
  unexplained: 0.0005,
  stranger: 0.0005,
  hand_seen: 0.95,
  hand_given: 0.01,
  hand_given_again: 0.05,
  hand_given_m: 1.3,
  hand_false: 0.03,
  reach_once: 0.1,
  reach_again: 1e-3,
  one_movement_ms: 20,
  again_ms: 750,
  again_share: 0.008,
  elsewhere_ms: 1_500,
  elsewhere_share: 0.01,
  hand_before_ms: 400,
  stand_before: 0.6,
  stand_deviation_m: 0.25,
  stand_reach_m: 0.82,
  stand_unsure_m: 0.05,
  stand_most_m: 1.6,
  look_right: 0.93,
  look_other: 0.03,
  meet_m: 0.8,
  meet_swap: 0.004,
  set_right_ms: 8_000,
  next_deviation_m: 0.13,
  next_deviation_share: 0.7,
  walk_m_per_s: 2,
  jump_m: 0.7,
  jump_false: 0.004,
  count_deviation_share: 0.13,
  count_deviation_least: 0.4,
  count_worthless: 0.05,
  bag_deviation_g: 5.6,
  bag_heavy_g: 5_000,
  bag_heavy_deviation_g: 12,
  bag_foreign: 0.027,
  bag_incomplete: 0.003,
  bag_foreign_most_g: 1_000,
  lag_ms: 10_000,
  grace_ms: 15_000,
  deadline_ms: 600_000,
  beyond_doubt: 0.9997,
  certain: 0.9,
};
