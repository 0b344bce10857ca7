import type { L10n } from "../ui/l10n";
import type { PanelWord } from "../ui/panel/panelWords";

/** The panel's texts in the person's language, and its numbers and times as they are written there. English until told. */
export class Words implements L10n {
  #table: Readonly<Record<string, string>> = {};
  #time = timeFormat("en");
  #day = dayFormat("en");
  #full = fullFormat("en");
  #percent = percentFormat("en");
  #number = new Intl.NumberFormat("en");
  #tenths = tenthsFormat("en");

  /** @param locale a language tag; one that is none means English. */
  use(table: Readonly<Record<string, string>>, locale: string): void {
    const known = isLocale(locale) ? locale : "en";
    this.#table = table;
    this.#time = timeFormat(known);
    this.#day = dayFormat(known);
    this.#full = fullFormat(known);
    this.#percent = percentFormat(known);
    this.#number = new Intl.NumberFormat(known);
    this.#tenths = tenthsFormat(known);
  }

  say(word: PanelWord, ...values: (string | number)[]): string {
    return this.t(word, ...values);
  }

  /** For functions that are shared with the views; their texts are in the table too, which a test holds. */
  t(message: string, ...values: (string | number | boolean)[]): string {
    const found = this.#table[message] ?? message;
    return found.replace(/\{(\d+)\}/gu, (place, index: string) => String(values[Number(index)] ?? place));
  }

  /** `10:03` */
  time(at: number): string {
    return this.#time.format(at);
  }

  /** `Saturday, November 21` */
  day(at: number): string {
    return this.#day.format(at);
  }

  /** Day and time to the second, for tooltips. */
  moment(at: number): string {
    return this.#full.format(at);
  }

  /** @param share 0 to 1 */
  percent(share: number): string {
    return this.#percent.format(share);
  }

  /** Seconds with one digit behind the point: `8.2s`. */
  seconds(ms: number): string {
    return this.say("{0}s", this.#tenths.format(ms / 1_000));
  }

  number(count: number): string {
    return this.#number.format(count);
  }
}

function isLocale(locale: string): boolean {
  try {
    return Intl.getCanonicalLocales(locale).length === 1;
  } catch {
    return false;
  }
}

const timeFormat = (locale: string) =>
  new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const dayFormat = (locale: string) =>
  new Intl.DateTimeFormat(locale, { weekday: "long", month: "long", day: "numeric" });
const fullFormat = (locale: string) =>
  new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
const percentFormat = (locale: string) =>
  new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
const tenthsFormat = (locale: string) =>
  new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
