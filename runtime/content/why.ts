/** What a shopper is told of why something is shown: in plain words, in the language of what is
 * shown. */
import type { Catalogue } from "./catalogue.ts";
import type { ContentKind } from "./document.ts";
import type { Language } from "./languages.ts";

interface Words {
  readonly kinds: Readonly<Record<ContentKind, string>>;
  readonly held: (product: string, picked: boolean) => string;
  readonly about: (kind: string, link: string) => string;
  readonly same: (kind: string) => string;
  readonly everybody: string;
  readonly personal: string;
}

const words: Readonly<Record<Language, Words>> = {
  en: {
    kinds: { product: "product", offer: "offer", recipe: "recipe", notice: "notice" },
    held: (product, picked) => `${picked ? "You took" : "You are looking at"}: ${product}.`,
    about: (kind, link) => `This ${kind} has to do with it: ${link}.`,
    same: (kind) => `This ${kind} is about the same product.`,
    everybody: "Whoever holds this product is shown it; who you are plays no part.",
    personal: "It is for shoppers who agreed to offers. You can take that back in your app.",
  },
  de: {
    kinds: { product: "Produkt", offer: "Angebot", recipe: "Rezept", notice: "Hinweis" },
    held: (product, picked) =>
      picked ? `Sie haben genommen: ${product}.` : `Sie sehen sich an: ${product}.`,
    about: (kind, link) => `Was hier steht (${kind}), hat damit zu tun: ${link}.`,
    same: (kind) => `Was hier steht (${kind}), betrifft dasselbe Produkt.`,
    everybody: "Das sehen alle, die dieses Produkt halten; wer Sie sind, spielt keine Rolle.",
    personal: "Es ist für alle, die Angeboten zugestimmt haben. In Ihrer App können Sie das " +
      "zurücknehmen.",
  },
  fr: {
    kinds: { product: "produit", offer: "offre", recipe: "recette", notice: "avis" },
    held: (product, picked) =>
      picked ? `Vous avez pris : ${product}.` : `Vous regardez : ${product}.`,
    about: (kind, link) => `Ceci (${kind}) y est lié : ${link}.`,
    same: (kind) => `Ceci (${kind}) concerne le même produit.`,
    everybody: "Quiconque tient ce produit le voit ; qui vous êtes n'y joue aucun rôle.",
    personal: "C'est pour les clients qui ont accepté les offres. Vous pouvez le retirer dans " +
      "votre application.",
  },
  es: {
    kinds: { product: "producto", offer: "oferta", recipe: "receta", notice: "aviso" },
    held: (product, picked) => picked ? `Ha cogido: ${product}.` : `Está mirando: ${product}.`,
    about: (kind, link) => `Esto (${kind}) tiene que ver con ello: ${link}.`,
    same: (kind) => `Esto (${kind}) trata del mismo producto.`,
    everybody: "Lo ve quien tenga este producto; quién es usted no influye.",
    personal: "Es para quienes aceptaron recibir ofertas. Puede retirarlo en su aplicación.",
  },
};

/** The name of a thing in a language, or the nearest there is. */
export function labelOf(catalogue: Catalogue, entity: string, language: Language): string {
  const { concepts, brands, products } = catalogue;
  const concept = concepts.get(entity);
  const label = concept?.labels[language]?.[0] ?? Object.values(concept?.labels ?? {})[0]?.[0];
  const number = entity.startsWith("gtin/") ? entity.slice(5) : undefined;
  const product = number === undefined ? undefined : products.get(number);
  return label ?? brands.get(entity)?.name ?? nameIn(product?.name, language) ?? number ?? entity;
}

/** A name in a language, or in another where there is none. */
export const nameIn = (
  names: Readonly<Partial<Record<Language, string>>> | undefined,
  language: Language,
): string | undefined => names?.[language] ?? Object.values(names ?? {})[0];

export interface Reason {
  readonly language: Language;
  readonly kind: ContentKind;
  readonly product: string;
  readonly picked: boolean;
  readonly entity: string;
  readonly link: string;
  readonly personal: boolean;
}

/** Why this is shown, in two or three sentences. */
export function whyShown(reason: Reason): string {
  const { kinds, held, about, same, everybody, personal } = words[reason.language];
  const kind = kinds[reason.kind];
  return [
    held(reason.product, reason.picked),
    reason.entity.startsWith("gtin/") ? same(kind) : about(kind, reason.link),
    reason.personal ? personal : everybody,
  ].join(" ");
}
