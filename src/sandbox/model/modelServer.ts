import type { ServerResponse } from "node:http";
import { json, type HttpReply, type HttpRequest } from "../http/call";
import { hostRule } from "../http/hosts";
import { listen } from "../http/listener";
import { Refusal } from "../refusal";
import type { StepFacts } from "../stepLines";
import { positionOf, requestSchema, type Position } from "./conversation";
import { completedEvent } from "./events";
import { createGates } from "./gates";
import { actsOf, type Act } from "./player";
import type { ModelChoice, OneChoice, Script, Step } from "./script";
import { scriptNames, scriptOf } from "./scripts";
import { stepFacts } from "./stepFacts";
import { openStream, type EventStream } from "./stream";
import { threadBook, type ThreadSeen } from "./threadBook";
import { usageOf } from "./usage";

/**
 * The scripted model: a Responses API server that follows a script chosen by its owner, never what people wrote. Scripts for
 * runs act by the mode that the worker itself names in its instructions.
 */
export interface ModelServer {
  readonly port: number;
  /** `/v1` included. */
  readonly baseUrl: string;
  /** Takes effect for requests from now on; threads that have a script from the queue keep it. */
  choose(choice: ModelChoice): void;
  release(gate: string): void;
  status(): ModelStatus;
  close(): Promise<void>;
}

/** What a test may ask about it. */
interface ModelStatus {
  /** The scripts that may be chosen by name. */
  readonly scripts: readonly string[];
  readonly script: string;
  readonly requests: number;
  /** Gates that a request waits at right now. */
  readonly waitingAt: readonly string[];
  readonly threads: readonly ThreadSeen[];
}

export interface ModelServerOptions {
  readonly host: string;
  readonly port: number;
  readonly script: string;
  /** How long each step takes. */
  readonly paceMs: number;
  /** How many reviews of the run on this branch have asked for changes and are over. Absent: none. */
  readonly feedbacksOn?: ((branch: string | undefined) => number) | undefined;
  readonly onError: (error: unknown) => void;
}

const requestLimitBytes = 16 * 1024 * 1024;

export async function startModelServer(options: ModelServerOptions): Promise<ModelServer> {
  let chosen = scriptOf({ script: options.script });
  let queue: OneChoice[] = [];
  let requests = 0;
  const perThread = new Map<string, Script>();
  const threads = threadBook(() => Date.now());
  const failures = new Map<string, number>();
  const gates = createGates();
  let hosts = hostRule(0);

  const scriptFor = (thread: string): Script => {
    const own = perThread.get(thread);
    if (own) return own;
    const next = queue.shift();
    if (!next) return chosen;
    const script = scriptOf(next);
    perThread.set(thread, script);
    return script;
  };
  /** True while a failing step has failures left. */
  const fails = (at: string, times: number): boolean => {
    const count = (failures.get(at) ?? 0) + 1;
    failures.set(at, count);
    return times === 0 || count <= times;
  };

  const answer = async (request: HttpRequest, response: ServerResponse): Promise<HttpReply | undefined> => {
    if (!hosts.allowsHost(request.headers) || request.headers.origin !== undefined) {
      throw new Refusal(421, "This host name is not the model's.");
    }
    if (request.method === "GET" && request.path === "/v1/models") {
      return json(200, { object: "list", data: [] });
    }
    if (request.method !== "POST" || request.path !== "/v1/responses") {
      throw new Refusal(404, "The scripted model answers POST /v1/responses only.");
    }
    const parsed = requestSchema.safeParse(parseJson(request.body));
    if (!parsed.success) throw new Refusal(400, "The request does not fit.");
    requests += 1;
    const position = positionOf(parsed.data);
    const script = forStep(scriptFor(position.threadKey), stepFacts(parsed.data), options);
    threads.asked(position, script.name);
    const acts = actsOf(script, parsed.data, position, (name) => gates.isOpen(name));
    const first = acts[0];
    if (first?.kind === "error" && fails(first.at, first.step.times)) return errorReply(first.step);
    const stream = openStream(response, request.signal);
    await play(stream, acts, { paceMs: options.paceMs, gates, fails });
    if (stream.isOpen()) {
      const steps = acts.flatMap((one): Step[] => (one.kind === "events" ? [one.step] : []));
      stream.send(completedEvent(stream.id, usageOf(request.body.length, isFirst(position), steps)));
      stream.end();
      if (steps.some((one) => one.type === "final")) threads.ended(position);
    }
    return undefined;
  };

  const listener = await listen({
    host: options.host,
    port: options.port,
    bodyLimit: () => requestLimitBytes,
    answer,
    onError: options.onError,
  });
  hosts = hostRule(listener.port);
  return {
    port: listener.port,
    baseUrl: `http://${options.host === "::1" ? "[::1]" : options.host}:${listener.port}/v1`,
    choose: (choice) => {
      const script = choice.script === undefined && choice.turns === undefined ? chosen : scriptOf(choice);
      for (const one of choice.queue ?? []) scriptOf(one);
      chosen = script;
      queue = choice.queue ?? queue;
      gates.closeAll();
    },
    release: (gate) => gates.open(gate),
    status: () => ({
      scripts: scriptNames,
      script: chosen.name,
      requests,
      waitingAt: gates.waitingAt(),
      threads: threads.list(),
    }),
    close: () => listener.close(),
  };
}

/** The script as it goes in this step: a script for runs acts by the mode and by how the run stands. */
function forStep(
  script: Script,
  { mode, branch }: StepFacts,
  { feedbacksOn }: Pick<ModelServerOptions, "feedbacksOn">,
): Script {
  if (script.inRun === undefined || mode === undefined) return script;
  return { name: script.name, turns: [script.inRun({ mode, feedbacks: feedbacksOn?.(branch) ?? 0 })] };
}

const isFirst = (position: Position): boolean => position.calls === 0 && position.turnIndex === 0;

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

function errorReply(step: Extract<Step, { type: "error" }>): HttpReply {
  const message = step.message ?? `The scripted model was asked to answer ${step.status}.`;
  const error = { message, type: step.code ?? "server_error", code: step.code ?? null };
  const headers =
    step.retryAfterSeconds === undefined ? {} : { "retry-after": String(step.retryAfterSeconds) };
  return { status: step.status, json: { error }, headers };
}

interface Stage {
  readonly paceMs: number;
  readonly gates: ReturnType<typeof createGates>;
  readonly fails: (at: string, times: number) => boolean;
}

async function play(stream: EventStream, acts: readonly Act[], stage: Stage): Promise<void> {
  stream.send({
    type: "response.created",
    response: { id: stream.id, object: "response", status: "in_progress" },
  });
  for (const act of acts) {
    if (!stream.isOpen()) return;
    switch (act.kind) {
      case "events":
        await stream.wait(stage.paceMs);
        for (const event of act.events) stream.send(event);
        break;
      case "pause":
        await stream.wait(act.ms);
        break;
      case "gate":
        await stream.waitFor(stage.gates.opened(act.name, stream.signal));
        break;
      case "error":
        // Behind other events of the same response, only a cut can fail it.
        if (stage.fails(act.at, act.step.times)) stream.cut();
        break;
      case "cut":
        if (stage.fails(act.at, act.times)) stream.cut();
        break;
    }
  }
}
