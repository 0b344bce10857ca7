import type { HookOutcome, HookRequest, HookRunner } from "../../src/core/ports/hooks";

/** Hooks that end as they are told to. */
export class FakeHooks implements HookRunner {
  readonly ran: HookRequest[] = [];
  /** By the hook's program. */
  readonly outcomes = new Map<string, HookOutcome>();
  /** Awaited while a hook runs. */
  while: (request: HookRequest, signal: AbortSignal) => Promise<void> = () => Promise.resolve();

  async run(request: HookRequest, signal: AbortSignal): Promise<HookOutcome> {
    signal.throwIfAborted();
    this.ran.push(request);
    await this.while(request, signal);
    signal.throwIfAborted();
    return this.outcomes.get(request.hook[0] ?? "") ?? { kind: "completed" };
  }
}
