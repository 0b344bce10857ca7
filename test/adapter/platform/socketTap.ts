import { Socket } from "node:net";
import type { Disposable } from "../../../src/base/disposable";

/** Every byte that this process's sockets send and receive from now on, conversation by conversation. */
export class SocketTap implements Disposable {
  readonly #deaf: readonly unknown[];
  readonly #heard = new Map<Socket, Buffer[]>();

  /** @param deaf sockets of the test itself. */
  constructor(deaf: readonly unknown[] = []) {
    this.#deaf = deaf;
    this.#listenAt("write");
    this.#listenAt("push");
  }

  /** All but the conversations with the platform, which are HTTP; as text, in which each byte is one character. */
  get local(): readonly string[] {
    return [...this.#heard.values()]
      .map((chunks) => Buffer.concat(chunks).toString("latin1"))
      .filter((text) => !text.includes(" HTTP/1.1\r\n") && !text.includes("HTTP/1.1 "));
  }

  dispose(): void {
    for (const method of ["write", "push"]) Reflect.deleteProperty(Socket.prototype, method);
  }

  /** The method is inherited: it is covered, and uncovered at the end. */
  #listenAt(method: "write" | "push"): void {
    const hear = (socket: Socket, chunk: unknown): void => {
      if (this.#deaf.includes(socket)) return;
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      if (bytes instanceof Uint8Array) this.#conversation(socket).push(Buffer.from(bytes));
    };
    const inherited: unknown = Reflect.get(Socket.prototype, method);
    if (Object.hasOwn(Socket.prototype, method) || typeof inherited !== "function") {
      throw new Error(`sockets cannot be listened to at ${method}`);
    }
    const value = function (this: Socket, ...parameters: readonly unknown[]): unknown {
      hear(this, parameters[0]);
      return Reflect.apply(inherited, this, parameters);
    };
    Object.defineProperty(Socket.prototype, method, { value, configurable: true, writable: true });
  }

  #conversation(socket: Socket): Buffer[] {
    const known = this.#heard.get(socket);
    if (known !== undefined) return known;
    const made: Buffer[] = [];
    this.#heard.set(socket, made);
    return made;
  }
}
