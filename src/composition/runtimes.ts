import type { Clock } from "../base/clock";
import type { Log } from "../base/log";
import type { Runtime } from "../core/ports/runtime";
import { defaultProvider, providerOf } from "../core/providers";
import type { AcpRuntimeOptions } from "../runtime/acp/acpRuntime";
import { endTerminals } from "../runtime/acp/terminalMarkers";

/**
 * The coding tool of each session, by the provider that its workflow names.
 * @param acp makes the adapter for agents of the Agent Client Protocol when a workflow first names one.
 */
export function runtimesByProvider(
  deps: { readonly clock: Clock; readonly log: Log },
  codex: Runtime,
  acp: () => Promise<Runtime>,
): Runtime {
  const of = async (provider: string): Promise<Runtime> =>
    providerOf(provider)?.speaks === "acp" ? await acp() : codex;
  return {
    provider: defaultProvider,
    probe: async (options) => {
      const probe = await (await of(options.provider)).probe(options);
      return probe.kind === "ready" ? { ...probe, provider: options.provider } : probe;
    },
    run: async (request, onEvent, signal) => await (await of(request.provider)).run(request, onEvent, signal),
    // An earlier process's run: which tool it was is not known, and its processes are found without that.
    endLeftovers: async (marker) => (await codex.endLeftovers(marker)) + (await endTerminals(marker, deps)),
  };
}

/** The adapter for agents of the Agent Client Protocol, a bundle of its own that is loaded once, when it is first wanted. */
export function acpRuntime(options: AcpRuntimeOptions): () => Promise<Runtime> {
  let loading: Promise<Runtime> | undefined;
  return () => {
    loading ??= import("../runtime/acp/acpRuntime").then(({ AcpRuntime }) => new AcpRuntime(options));
    return loading;
  };
}
