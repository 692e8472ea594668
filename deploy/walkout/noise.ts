/**
 * How wrong the senses of a walk-out store are, and how its shoppers behave: every figure with
 * where it was published, or with a plain word that nobody published it. Written before the tracker
 * and kept as it was (a test holds its digest): a tracker that needs other figures must be better,
 * not the world kinder. Nothing in `runtime/` may read this file.
 *
 * Corrected once, on 23 November 2026, where a source says otherwise: how often plates report, how
 * often identities are wrong at which density, and how many people there are. `first` keeps what
 * stood here before, so that both can be run.
 */

/** One load-cell plate of a shelf, sampled while something moves on it. */
export const scale = {
  /** HX711 at 80 samples a second, gain 128: 90 nV rms of input noise, settled within 50 ms (Avia
   * Semiconductor, data sheet of the HX711, table of electrical characteristics). Behind a 10 kg
   * cell of 1 mV/V fed with 5 V, full scale is 5 mV, so that is 0.18 g. */
  sample_noise_g: 0.18,
  /** Non-repeatability of aluminium single-point cells: 0.05 % of full scale as commonly specified
   * (e.g. Phidgets CZL635), 5 g of 10 kg; taken as three deviations of every loading. */
  repeatability_g: 5 / 3,
  /** OIML R 60 (2017) 5.5.1: creep within 30 minutes at most 0.7 of the maximum permissible error;
   * for class C3 on 10 kg of 3 000 divisions that is 0.7 x 1.5 x 0.7 x 3.3 g at full load. What an
   * item's own weight adds is far less; drift of temperature is greater: 0.05 % of full scale in
   * 10 K, here 5 K an hour of an open refrigerator's door. */
  drift_g_per_hour: 2.5,
  /** A hand that lifts an item presses first. Not published: half an item's weight, for so long. */
  press_share: 0.5,
  press_ms: [150, 600],
  /** Oscillation after release dies with this time constant. Not published for shelves; the data
   * sheet's filter adds 50 ms, boards and hooks more. */
  settling_ms: 180,
  /** Reports of a plate: sixty a second while it moves, as the plates of a store without tills
   * sample (Falcao et al., Data Visualization of Weight Sensor and Event Detection of Aifi Store,
   * 2020, doi 10.5281/zenodo.4300738), one a second at rest. */
  moving_every_ms: 1_000 / 60,
  resting_every_ms: 1_000,
} as const;

/** Packages of one product. */
export const goods = {
  /** Council Directive 76/211/EEC, annex I 2.4: tolerable negative error by nominal quantity, of
   * which at most 2.5 % of a batch may fall short; so a deviation is the error over 1.96. Pairs of
   * upper bound in grams and error, as a share below 1 and in grams otherwise. */
  tolerable_negative_error: [
    [50, 0.09],
    [100, 4.5],
    [200, 0.045],
    [300, 9],
    [500, 0.03],
    [1_000, 15],
    [10_000, 0.015],
  ],
  deviations_in_error: 1.96,
  /** What the catalogue says of a unit's mean weight is itself measured from a few pieces. */
  pieces_weighed_for_catalogue: 20,
} as const;

/** A tracker of people from ceiling cameras. */
export const tracker = {
  /** Wildtrack: MODP 82.1 % of a 0.5 m radius and recall 94 % (Hou and Zheng, Multiview Detection
   * with Shadow Transformer, 2021, arXiv 2108.05888): mean distance 0.0895 m, which for a circular
   * Gaussian is 0.0714 m on each axis. */
  axis_error_m: 0.0714,
  recall: 0.94,
  /** Positions a second that are handed on: not published, modest. */
  every_ms: 500,
  /** IDF1 of 95.6 % on Wildtrack (Wang et al., MCBLT, 2024, arXiv 2412.00692). IDF1 counts what is
   * missed as well: a tracker that never took one for another would reach 2 x 0.94 / 1.94 = 96.9 %
   * with the recall above. So a tracked person carries another's identity for at most 1.3 % of the
   * time, at 20 people on 12 x 36 m (Hou et al., MVDet, 2020, arXiv 2007.07247); taken to grow
   * with density. Identities change between two who come closer than this; the tracker's own
   * correction follows after a while. */
  wrong_identity_share: 0.013,
  at_people_per_m2: 20 / (12 * 36),
  swap_within_m: 0.6,
  wrong_for_ms: 9_000,
  /** Rank-1 of 94.5 % on Market-1501 (Luo et al., Bag of Tricks, 2019, arXiv 1903.07071): a look at
   * the clothes names the right one of those in the shop so often, otherwise somebody alike. Half
   * of the errors of one person name the same double. */
  look_right_share: 0.945,
  same_double_share: 0.5,
  look_every_ms: 3_000,
} as const;

/** Hands at a shelf, from cameras that see arms. */
export const hands = {
  /** 97.0 % of correct parts on the Shelf data set (Tu et al., VoxelPose, 2020, arXiv 2004.06239).
   * Of the rest, one third is given to whoever stands next, the others are missed. */
  right_share: 0.97,
  given_to_neighbour_share: 1 / 3,
  /** Only somebody so close can be mistaken for the one who reached. */
  neighbour_within_m: 1.2,
} as const;

/** Counting what is left on a plate by its camera. */
export const counting = {
  /** SKU-110K: mean absolute error of 14.52 of 147.4 items in a picture (Goldman et al., Precise
   * Detection in Densely Packed Scenes, 2019, arXiv 1904.00853): 9.85 %; for a Gaussian the
   * deviation is 1.2533 times as much, rounded to whole items. */
  deviation_share: 0.0985 * 1.2533,
  /** Between looks of a camera at a plate, and nobody may stand before it. Not published. */
  every_ms: 20_000,
  free_within_m: 0.8,
} as const;

/** The plate at the exit on which bags are set. */
export const exit_scale = {
  /** OIML R 76-1, class III, e = 10 g: in service at most 1e below 5 kg, 2e up to 20 kg, 3e above;
   * taken as even within. Pairs of upper bound and error in grams. */
  permissible_error_g: [[5_000, 10], [20_000, 20], [1_000_000, 30]],
  /** Who sets the bag down, and how often something of the shopper's own lies in it. Nobody
   * published either. */
  used_share: 0.85,
  own_things_share: 0.03,
  own_things_g: [40, 900],
} as const;

/** What people do. */
export const behaviour = {
  /** 66 % of grabs at a display end in a purchase (POPAI, 2012 Shopper Engagement Study, by
   * MediaPost, 8 May 2012): the other third is put back. */
  put_back_share: 0.34,
  /** Of put-backs, those on another plate; the study of a chain by Raman, DeHoratius and Ton
   * (California Management Review 43/3, 2001) found 16 % of items sought in the wrong place. */
  wrong_plate_share: 0.16,
  /** How long something is held before it is put back, and the share kept until another shelf. */
  held_ms: [1_500, 12_000],
  carried_share: 0.3,
  /** Nobody published the rest: units at once, two kinds at once, touching without taking, bumps
   * of the shelf, grabs a trip, stay at a shelf, pace. */
  units: [0.82, 0.14, 0.04],
  second_kind_share: 0.03,
  touch_share: 0.15,
  bumps_per_plate_hour: 2,
  bump_g: [15, 250],
  grabs: [3, 12],
  stay_ms: [3_000, 9_000],
  pace_m_per_s: 0.9,
  reach_m: 0.75,
  /** Two people at one shelf leave this much between them. */
  elbow_m: 0.5,
  /** Share of plates at which shoppers who are near each other choose the same: people come in
   * pairs and groups. */
  follows_another_share: 0.12,
} as const;

/** How many people there are. */
export const crowding = {
  /** An average convenience store has 1 100 customers a day (NACS, fact sheet Convenience) on 3 041
   * square feet (NACS, Scope of the Industry); 8 % of visits fall in the busiest hour (GasBuddy,
   * third quarter of 2018, in Convenience Store News); one lasts 35 + 71 + 42 + 21 + 44 s (NACS,
   * Speed Metrics). So many are there at once on average in that hour. */
  people_per_m2: 1_100 * 0.08 * 213 / 3_600 / (3_041 * 0.0929),
  /** A store is made for as many as are not exceeded in so many of all moments of that hour. */
  moments_share: 0.99,
  /** International Building Code, 2015, table 1004.1.2: no more than one on 60 square feet. */
  lawful_people_per_m2: 1 / (60 * 0.0929),
} as const;

/** What stood here first: twelve people on the 51 square metres of the evaluation, more than the
 * building code allows; ten samples a second; and all that IDF1 lacks (95.36 %, AI City Challenge
 * 2023, arXiv 2304.09471) as wrong identities at that density. */
export const first = {
  people: 12,
  moving_every_ms: 100,
  wrong_identity_share: 0.0464 * (20 / (12 * 36)) / (12 / 50.7),
} as const;

/** How a harder store differs: trackers of single cameras, arms hidden half of the time, no rule
 * for the exit scale, things handed from one to the other. */
export const harder = {
  people: 30,
  wrong_identity_share: 0.03,
  look_right_share: 0.85,
  hands_right_share: 0.8,
  exit_used_share: 0.3,
  second_kind_share: 0.1,
  handed_over_share: 0.02,
} as const;
