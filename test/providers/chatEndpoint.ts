import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import * as z from "zod/mini";

const asked = z.looseObject({
  messages: z.array(z.looseObject({ role: z.string(), content: z.optional(z.unknown()) })),
  tools: z.optional(z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) }))),
});

/**
 * An endpoint on this machine that speaks OpenAI's chat completions: it has the tool that runs commands used once, then says
 * that it is done. What asks for no tools wants a title.
 */
export class ChatEndpoint {
  readonly requests: z.infer<typeof asked>[] = [];
  readonly #server: Server;

  constructor(script: string) {
    this.#server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => (body += text));
      request.on("end", () => this.#answer(body, script, response));
    });
  }

  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the endpoint is not listening");
    return `http://127.0.0.1:${address.port}/v1`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(body: string, script: string, response: ServerResponse): void {
    const request = asked.safeParse(body === "" ? {} : JSON.parse(body)).data;
    response.writeHead(200, { "content-type": "text/event-stream" });
    if (request === undefined) return void response.end("data: [DONE]\n\n");
    this.requests.push(request);
    const tools = request.tools?.map((one) => one.function.name) ?? [];
    const used = request.messages.some(({ role }) => role === "tool");
    const shell = tools.find((name) => /bash|shell/i.test(name));
    const call = {
      index: 0,
      id: "call_1",
      type: "function",
      function: {
        name: shell,
        arguments: JSON.stringify({ command: script, description: "Does what is asked" }),
      },
    };
    const text = tools.length === 0 ? "A title" : "All done.";
    const calls = shell !== undefined && !used;
    const delta = calls ? { role: "assistant", tool_calls: [call] } : { role: "assistant", content: text };
    const chunk = (choice: object, more: object = {}): string => {
      const fixed = { id: "chat-1", object: "chat.completion.chunk", created: 0, model: "scripted" };
      return `data: ${JSON.stringify({ ...fixed, choices: [{ index: 0, ...choice }], ...more })}\n\n`;
    };
    const usage = { prompt_tokens: 1000, completion_tokens: 50, total_tokens: 1050 };
    response.write(chunk({ delta, finish_reason: null }));
    response.write(chunk({ delta: {}, finish_reason: calls ? "tool_calls" : "stop" }, { usage }));
    response.end("data: [DONE]\n\n");
  }
}
