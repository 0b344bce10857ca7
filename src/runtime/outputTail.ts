import { StringDecoder } from "node:string_decoder";
import type { RedactionStream } from "../base/redaction/redactionStream";
import type { TextRedactor } from "../base/redaction/redactor";
import { TextTail } from "./textTail";

/** The end of what a process prints, without secrets: they are hidden before the front is cut, which could cut one in two. */
export class OutputTail {
  readonly #decoder = new StringDecoder("utf8");
  readonly #stream: RedactionStream;
  readonly #tail: TextTail;

  constructor(maxChars: number, redactor: TextRedactor) {
    this.#stream = redactor.stream();
    this.#tail = new TextTail(maxChars);
  }

  push(chunk: Uint8Array): void {
    this.#tail.push(this.#stream.push(this.#decoder.write(Buffer.from(chunk))));
  }

  /** No more comes: what was held back is told too. */
  end(): void {
    this.#tail.push(this.#stream.push(this.#decoder.end()) + this.#stream.end());
  }

  /** Without what may still become a secret. */
  get text(): string {
    return this.#tail.text;
  }
}
