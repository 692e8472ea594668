/**
 * What the linker knows of each language: words that carry no meaning by themselves, words that
 * take a thing away, words that stand beside food or a brand, and how a noun ends.
 */

export const languages = ["en", "de", "fr", "es"] as const;
export type Language = typeof languages[number];

export const isLanguage = (tag: string): tag is Language =>
  languages.some((language) => language === tag);

export interface LanguageRules {
  /** Never an entity by themselves; by them a sentence's language is told. */
  readonly stop: ReadonlySet<string>;
  /** What follows is not there: `without`. */
  readonly absent: ReadonlySet<string>;
  /** Words after which nothing is taken away any more. */
  readonly conjunctions: ReadonlySet<string>;
  /** A name after it is a brand's: `brand`, `Marke`. */
  readonly brand: ReadonlySet<string>;
  /** A name after it may be a maker's: `by`, `von`. */
  readonly maker: ReadonlySet<string>;
  /** Beside them a word of many meanings is something to eat or to buy. */
  readonly goods: ReadonlySet<string>;
  /** The forms of a folded noun, itself among them. */
  readonly forms: (word: string) => readonly string[];
}

const set = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/).filter(Boolean));

function english(word: string): string[] {
  const forms = [word, `${word}s`];
  if (/(s|x|z|ch|sh|o)$/.test(word)) forms.push(`${word}es`);
  if (/[^aeiou]y$/.test(word)) forms.push(`${word.slice(0, -1)}ies`);
  if (/f$/.test(word)) forms.push(`${word.slice(0, -1)}ves`);
  return forms;
}

/** Umlauts are folded already, so a plural with one needs no rule. */
function german(word: string): string[] {
  if (word.endsWith("e")) return [word, `${word}n`, `${word}s`];
  if (/(er|el|en|chen)$/.test(word)) return [word, `${word}n`, `${word}s`];
  const forms = ["", "e", "en", "er", "ern", "n", "s", "es"].map((end) => word + end);
  if (word.endsWith("s")) forms.push(`${word}se`, `${word}sen`, `${word}ses`);
  return forms;
}

const french = (word: string) => [word, `${word}s`, `${word}x`];

function spanish(word: string): string[] {
  const forms = [word, `${word}s`, `${word}es`];
  if (word.endsWith("z")) forms.push(`${word.slice(0, -1)}ces`);
  return forms;
}

export const rules: Readonly<Record<Language, LanguageRules>> = {
  en: {
    stop: set(`a about after all also am an and any are as at be been but by can do for from had has
      have he her here his how i if in into is it its just may me more most my no not now of off on
      only or our out over per she so some than that the their them then there these they this those
      to too two under up us was we were what when where which while who will with you your`),
    absent: set("no without free"),
    conjunctions: set("and or nor any"),
    brand: set("brand brands label"),
    maker: set("by from"),
    goods: set(`add bake baked bag bags blend boil bunch chop chopped clove cloves cook cooked crisp
      cup cups dessert dried eat fresh fried fry grated grill ground handful jar juice kg ml pack
      packet packs peel pinch recipe ripe roast roasted salad serve sliced soup sprig squeeze
      stuffed
      tablespoon tablespoons tasty teaspoon tin torch torches aa`),
    forms: english,
  },
  de: {
    stop: set(`aber alle als am an auch auf aus bei beim bis das dass dem den der des die dir du ein
      eine einem einen einer eines er es für hat hier ich ihr im in ins ist ja jetzt kein mein mit
      nach neben nicht noch nur ob oder ohne sehr sein sich sie sind so um und uns unser unter vom
      von vor war was wegen wenn wer wie wir wird zu zum zur zwei über`),
    absent: set("ohne kein keine keinen keinem keiner keines frei"),
    conjunctions: set("und oder noch von"),
    brand: set("marke marken"),
    maker: set("von"),
    goods: set(`anbraten backen beutel bund dose essen flasche flaschen frisch frische frischem
      frischer frisches gebacken gebraten gehackt gekocht gerieben gerösteten glas kochen packung
      packungen prise reife rezept salat scheiben schmeckt schälen stück suppe teller würzen g kg ml
      aa taschenlampe`),
    forms: german,
  },
  fr: {
    stop: set(`a à au aux avec ce ces cette chez d dans de des du elle en est et eux il ils je l la
      le les leur lui ma mais me même mes moi mon ne nos notre nous on ou où par pas plus pour qu
      que
      qui sa sans se ses si son sont sur ta te tes toi ton tous tout très tu un une vos votre vous
      y`),
    absent: set("sans ni"),
    conjunctions: set("et ou ni de d du des"),
    brand: set("marque marques"),
    maker: set("de par"),
    goods: set(`ajouter botte cuire cuisson cuit dessert frais fraîche fraîches frit gâteau goût
      gousse gousses grains haché mûr mûre paquet pincée poêle râpé recette rôti salade sec soupe
      tarte torréfié tranche tranches verser g kg ml`),
    forms: french,
  },
  es: {
    stop: set(`a al algo ante aunque con como cuando de del desde donde dos e el él ella en entre es
      esta este está fue ha hasta la las le les lo los más me mi mis mucho muy no nos o para pero
      por
      porque que qué se si sí sin sobre son su sus te tu tus un una uno unos y ya`),
    absent: set("sin ni"),
    conjunctions: set("y e o u ni"),
    brand: set("marca marcas"),
    maker: set("de por"),
    goods: set(
      `añadir asado asados batido cocer copa cucharada diente dientes ensalada fresco fresca
      frito frita hervir maduro paquete pizca postre rallado receta rodajas sabor seco seca sopa
      tinto zumo g kg ml`,
    ),
    forms: spanish,
  },
};

/** What a German word for food is made of besides a thing of the catalogue: `Tomaten` + `suppe`. */
export const germanHeads: ReadonlySet<string> = set(
  `auflauf braten brühe creme eintopf filet flocken
  gratin kern kerne kompott kraut kuchen likör mark marmelade mus paste pfanne pulver püree puree
  ragout salat scheiben schnitzel sirup speise stangen streusel suppe teig torte würfel wurfel`,
);
export const germanModifiers: ReadonlySet<string> = set(`basmati bauern bio brat fein filter frisch
  hart hafer jasmin kräuter krauter lamm land langkorn mager natur räucher raucher roh rot salz
  salat
  stein strauch süss suss tafel voll vollkorn weiss wild zartbitter`);
