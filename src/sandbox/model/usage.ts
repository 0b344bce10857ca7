import type { Step } from "./script";

/** Token numbers as the Responses API gives them. */
export interface ModelUsage {
  readonly input_tokens: number;
  readonly input_tokens_details: { readonly cached_tokens: number };
  readonly output_tokens: number;
  readonly output_tokens_details: { readonly reasoning_tokens: number };
  readonly total_tokens: number;
}

const charactersPerToken = 4;

/** Plausible numbers from the sizes of what was sent and said; all but a first request is mostly cached. */
export function usageOf(requestLength: number, isFirst: boolean, steps: readonly Step[]): ModelUsage {
  const input = Math.ceil(requestLength / charactersPerToken);
  const cached = isFirst ? 0 : Math.floor((input * 0.85) / 128) * 128;
  const said = Math.ceil(JSON.stringify(steps).length / charactersPerToken);
  const reasoning = 12 + (said % 23);
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: said + reasoning,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + said + reasoning,
  };
}
