/**
 * What a shopper agrees to before a camera is asked for. Whoever runs an issuer puts their own
 * words here; other words are another version, and are agreed to anew.
 */

export interface Notice {
  /** Kept with every consent. */
  readonly version: string;
  readonly title: string;
  readonly paragraphs: readonly string[];
}

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
