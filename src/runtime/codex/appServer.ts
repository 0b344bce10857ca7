import { JsonRpcPeer, type JsonRpcOptions } from "../jsonRpc";
import { LineReader } from "../lineReader";
import { startProcess, type RunningProcess, type ToolProcess } from "../processTransport";
import { initializeAnswer } from "./protocol";

const longestLineBytes = 10 * 1024 * 1024;
const initializeMs = 10_000;

export interface AppServerOptions extends ToolProcess {
  readonly onNotification: (method: string, params: unknown) => void;
  readonly onRequest: JsonRpcOptions["onRequest"];
}

/** A running `codex app-server`: the process and the conversation with it. Owned by the caller, who must `close` it. */
export class AppServer {
  readonly rpc: JsonRpcPeer;
  readonly process: RunningProcess;

  private constructor(rpc: JsonRpcPeer, process: RunningProcess) {
    this.rpc = rpc;
    this.process = process;
  }

  /** Throws ProcessStartError. */
  static async start(options: AppServerOptions): Promise<AppServer> {
    const { log } = options;
    // The two need each other: the peer writes to the process, and the process's lines go to the peer.
    const input: { write: (line: string) => void } = { write: () => undefined };
    const rpc = new JsonRpcPeer({ ...options, send: (line) => input.write(line) });
    const reader = new LineReader({
      maxBytes: longestLineBytes,
      onLine: (line) => rpc.receive(line),
      onOverlong: () => log.warn("a line of the app-server was too long and dropped", { longestLineBytes }),
    });
    const child = await startProcess({
      ...options,
      onOutput: (chunk) => reader.push(chunk),
      onExit: (description) => {
        reader.end();
        rpc.close(`the app-server ended with ${description}`);
      },
    });
    input.write = (line) => child.writeLine(line);
    return new AppServer(rpc, child);
  }

  /** The handshake. Returns what the server calls itself. */
  async initialize(clientVersion: string): Promise<string | undefined> {
    const answer = await this.rpc.request(
      "initialize",
      {
        clientInfo: { name: "one_horizon_worker", title: "One Horizon Worker", version: clientVersion },
        capabilities: { experimentalApi: true, requestAttestation: false },
      },
      initializeMs,
    );
    this.rpc.notify("initialized");
    return initializeAnswer.safeParse(answer).data?.userAgent ?? undefined;
  }

  /** Ends the process and everything it started; the number of processes that could not be ended. */
  async close(): Promise<number> {
    const left = await this.process.close();
    this.rpc.close("the app-server was closed");
    return left;
  }
}
