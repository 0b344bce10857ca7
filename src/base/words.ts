import { Phrasebook } from "./phrasebook";

/** Gives a text its translation. Places `{0}`, `{1}` stand for the values. */
export type Translate = (message: string, ...values: (string | number | boolean)[]) => string;

/**
 * A text as it stands in the code: for what goes to the platform, is kept or is thrown below the views. Where it is shown here as well,
 * `translated` gives it to the person.
 * @param message a literal, so that translators' tools find it.
 */
export const asWritten: Translate = (message, ...values) =>
  message.replace(/\{(\d+)\}/gu, (place, index: string) => String(values[Number(index)] ?? place));

let translate = asWritten;
let phrasebook: Phrasebook | undefined;

/**
 * A text for the person in front of this editor, in their language once `translateBy` has said how; as it is written before.
 * For what is shown here alone: what goes to the platform stays as it is written.
 * @param message a literal, so that translators' tools find it.
 */
export function say(message: string, ...values: (string | number | boolean)[]): string {
  return translate(message, ...values);
}

/**
 * A text that `asWritten` made, or several such sentences, in the language of the person in front of this editor: also of an earlier
 * process or another window. What is not recognised stays as it is.
 */
export function translated(text: string): string {
  return phrasebook?.translated(text) ?? text;
}

/** Is there another language than the one that the texts are written in? */
export function isTranslating(): boolean {
  return phrasebook !== undefined;
}

/**
 * From now on texts are translated so; said once, at the start, by who knows the editor's language. The result ends it.
 * @param texts what there are translations of, by the text in the code; undefined where the editor speaks as the code does.
 */
export function translateBy(by: Translate, texts?: Readonly<Record<string, unknown>>): () => void {
  translate = by;
  phrasebook = texts === undefined ? undefined : new Phrasebook(Object.keys(texts), by);
  return () => {
    translate = asWritten;
    phrasebook = undefined;
  };
}
