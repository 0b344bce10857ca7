/** Gives a text its translation. Places `{0}`, `{1}` stand for the values. */
export type Translate = (message: string, ...values: (string | number | boolean)[]) => string;

/** As the texts stand in the code: for what goes to the platform. */
export const asWritten: Translate = (message, ...values) =>
  message.replace(/\{(\d+)\}/gu, (place, index: string) => String(values[Number(index)] ?? place));

let translate = asWritten;

/**
 * A text for the person in front of this editor, in their language once `translateBy` has said how; as it is written before.
 * For what is shown here alone: what goes to the platform stays as it is written.
 * @param message a literal, so that translators' tools find it.
 */
export function say(message: string, ...values: (string | number | boolean)[]): string {
  return translate(message, ...values);
}

/** From now on texts are translated so; said once, at the start, by who knows the editor's language. The result ends it. */
export function translateBy(by: Translate): () => void {
  translate = by;
  return () => (translate = asWritten);
}
