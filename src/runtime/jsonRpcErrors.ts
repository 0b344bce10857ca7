/** The other side answered "no": it did not do what was asked. */
export class JsonRpcResponseError extends Error {
  override readonly name = "JsonRpcResponseError";
  readonly method: string;
  readonly code: number;

  constructor(method: string, id: number, code: number, message: string) {
    super(`${method} (#${id}) was refused: ${message} (${code})`);
    this.method = method;
    this.code = code;
  }
}

/** No answer came: whether the other side acted is unknown. */
export class JsonRpcConnectionError extends Error {
  override readonly name = "JsonRpcConnectionError";
  readonly method: string;
  readonly kind: "timeout" | "closed";

  constructor(method: string, id: number, kind: "timeout" | "closed", detail: string) {
    super(`${method} (#${id}) has no answer: ${detail}`);
    this.method = method;
    this.kind = kind;
  }
}
