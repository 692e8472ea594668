/**
 * What a shopper agrees to before a camera or a microphone is asked for. Whoever runs an issuer
 * puts their own words here; other words are another version, and are agreed to anew.
 */

export interface Notice {
  /** Kept with every consent. */
  readonly version: string;
  readonly title: string;
  readonly paragraphs: readonly string[];
}

export const voiceNotice: Notice = {
  version: "voice-1",
  title: "Answer by voice: what you agree to",
  paragraphs: [
    "Your microphone hears you say the ten digits a few times. The sound stays in this browser " +
    "and is thrown away; only numbers that describe how you say them, a voice, are made of it.",
    "The voice leaves this device once, sealed so that only the issuer can open it. A store is " +
    "given it only when you stand at a till with somebody whom its camera takes for you, and " +
    "forgets it with the answer.",
    "There it chooses between you and the others. Nobody is ever charged on a voice alone.",
    "You need not agree: every till that asks for digits takes your initials or your phrase as " +
    "well, or other means of payment.",
  ],
};

export const offersNotice: Notice = {
  version: "offers-1",
  title: "Offers: what you agree to",
  paragraphs: [
    "The store then tells the issuer what it shows you beside what you hold, for this page alone.",
    "It is kept for the stay under way and forgotten with it. You can take this back at any time.",
  ],
};

export const faceNotice: Notice = {
  version: "face-1",
  title: "Pay by face: what you agree to",
  paragraphs: [
    "Your camera looks at your face for a few seconds. The pictures stay in this browser and are " +
    "thrown away; only numbers that describe your face, a template, are made of them.",
    "The template leaves this device once, sealed so that only the issuer can open it. A store " +
    "is given it only while you are checked in there, and wipes it off its cameras when you go.",
    "A store compares it with whoever stands at the till, so that you can pay without taking " +
    "anything out of a pocket. You are told of every charge.",
    "You need not agree: every till takes other means as well.",
  ],
};
