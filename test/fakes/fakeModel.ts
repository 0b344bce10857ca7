import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import * as z from "zod/mini";

export type ModelItem = Readonly<Record<string, unknown>> & { readonly type: string };

/** What the model answers to one request of the tool. */
export type ModelStep =
  | { readonly kind: "items"; readonly items: readonly ModelItem[]; readonly usage?: ModelUsage }
  | { readonly kind: "status"; readonly status: number; readonly body: unknown }
  | { readonly kind: "hang" }
  | { readonly kind: "cut" };

interface ModelUsage {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
  readonly reasoning: number;
}

const requestSchema = z.looseObject({
  input: z.array(
    z.looseObject({ type: z.string(), role: z.optional(z.string()), content: z.optional(z.unknown()) }),
  ),
});

let itemNumber = 0;
const nextId = (prefix: string): string => `${prefix}_${(itemNumber += 1)}`;

/** Items as the model would stream them. */
export const say = (text: string, phase: "commentary" | "final_answer" = "final_answer"): ModelItem => ({
  type: "message",
  id: nextId("msg"),
  role: "assistant",
  phase,
  content: [{ type: "output_text", text, annotations: [] }],
});
export const reason = (summary: string): ModelItem => ({
  type: "reasoning",
  id: nextId("rs"),
  summary: [{ type: "summary_text", text: summary }],
});
export const call = (name: string, args: unknown): ModelItem => ({
  type: "function_call",
  id: nextId("fc"),
  call_id: nextId("call"),
  name,
  arguments: JSON.stringify(args),
});
export const exec = (cmd: string, options: Readonly<Record<string, unknown>> = {}): ModelItem =>
  call("exec_command", { cmd, ...options });
export const plan = (explanation: string, steps: readonly (readonly [string, string])[]): ModelItem =>
  call("update_plan", { explanation, plan: steps.map(([step, status]) => ({ step, status })) });
export const patch = (input: string): ModelItem => ({
  type: "custom_tool_call",
  id: nextId("ctc"),
  call_id: nextId("call"),
  name: "apply_patch",
  input,
});
export const items = (...list: readonly ModelItem[]): ModelStep => ({ kind: "items", items: list });
export const status = (
  code: number,
  body: unknown = { error: { message: `status ${code}` } },
): ModelStep => ({
  kind: "status",
  status: code,
  body,
});

const usual: ModelUsage = { input: 1000, cached: 400, output: 50, reasoning: 20 };

/** A model that answers `POST /v1/responses` with a list of steps; after the last it says "done". */
export class FakeModel {
  /** The bodies of the requests so far, parsed. */
  readonly requests: unknown[] = [];
  readonly #server: Server;
  readonly #steps: ModelStep[];
  readonly #replacements: [string, string][] = [];
  readonly #asides: (readonly [string, ModelStep])[] = [];

  private constructor(steps: readonly ModelStep[]) {
    this.#steps = [...steps];
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(...steps: readonly ModelStep[]): Promise<FakeModel> {
    const model = new FakeModel(steps);
    model.#server.listen(0, "127.0.0.1");
    await once(model.#server, "listening");
    return model;
  }

  get baseUrl(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the model is not listening");
    return `http://127.0.0.1:${address.port}/v1`;
  }

  /** Everything the tool has sent, as one text to search in. */
  get sent(): string {
    return JSON.stringify(this.requests);
  }

  /** Puts a text that is known late, such as a path, into the steps that are still to come. */
  replace(from: string, to: string): void {
    this.#replacements.push([from, JSON.stringify(JSON.stringify(to).slice(1, -1)).slice(1, -1)]);
  }

  /** Requests with this text in them, such as those that want a title, come when they like: they take no step of the list. */
  aside(text: string, step: ModelStep): void {
    this.#asides.push([text, step]);
  }

  /** The messages of the last request, by role. */
  messages(): readonly { readonly role: string; readonly text: string }[] {
    const last = requestSchema.parse(this.requests.at(-1));
    return last.input
      .filter((one) => one.type === "message")
      .map((one) => ({ role: one.role ?? "", text: JSON.stringify(one.content) }));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, "close");
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Uint8Array[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Uint8Array);
    } catch {
      return; // the tool was killed while it sent
    }
    if (request.method !== "POST" || !(request.url ?? "").startsWith("/v1/responses")) {
      response.writeHead(404, { "content-type": "application/json" }).end("{}");
      return;
    }
    const asked = Buffer.concat(chunks).toString("utf8");
    const aside = this.#asides.find(([text]) => asked.includes(text))?.[1];
    if (aside === undefined) this.requests.push(JSON.parse(asked));
    const step = aside ?? this.#steps.shift() ?? items(say("done"));
    if (step.kind === "hang") return;
    if (step.kind === "status") {
      response.writeHead(step.status, { "content-type": "application/json" }).end(JSON.stringify(step.body));
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    if (step.kind === "cut") {
      response.write(frame(0, "response.created", { response: { id: "resp_cut" } }), () =>
        response.destroy(),
      );
      return;
    }
    let body = frames(step.items, step.usage ?? usual);
    for (const [from, to] of this.#replacements) body = body.replaceAll(from, to);
    response.end(body);
  }
}

function frame(sequence: number, type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence, ...fields })}\n\n`;
}

function frames(list: readonly ModelItem[], usage: ModelUsage): string {
  const id = nextId("resp");
  const events: [string, object][] = [["response.created", { response: { id } }]];
  for (const [at, item] of list.entries()) {
    events.push(["response.output_item.added", { output_index: at, item }]);
    events.push(["response.output_item.done", { output_index: at, item }]);
  }
  events.push(["response.completed", { response: { id, usage: usageOf(usage) } }]);
  return events.map(([type, fields], sequence) => frame(sequence, type, fields)).join("");
}

function usageOf(usage: ModelUsage): object {
  return {
    input_tokens: usage.input,
    input_tokens_details: { cached_tokens: usage.cached },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: usage.input + usage.output,
  };
}
