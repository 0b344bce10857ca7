const providerId = "one_horizon_sandbox";

/** The keys that make codex talk to the scripted model and to nothing else. */
function settings(
  modelBaseUrl: string,
): readonly (readonly [key: string, value: string | number | boolean])[] {
  const provider = `model_providers.${providerId}`;
  return [
    // A known name: unknown ones are not offered apply_patch.
    ["model", "gpt-5.5"],
    ["model_provider", providerId],
    ["check_for_update_on_startup", false],
    ["features.plugins", false],
    ["features.apps", false],
    ["features.unbounded_connection_retries", false],
    ["tools.update_plan.enabled", true],
    ["analytics.enabled", false],
    [`${provider}.name`, "One Horizon sandbox (scripted)"],
    [`${provider}.base_url`, modelBaseUrl],
    [`${provider}.wire_api`, "responses"],
    [`${provider}.requires_openai_auth`, false],
    [`${provider}.request_max_retries`, 1],
    [`${provider}.stream_max_retries`, 2],
    [`${provider}.stream_idle_timeout_ms`, 10_000],
  ];
}

/** The settings as argv for `codex -c key=value …`; the values are TOML. Nothing is written to a config.toml. */
export function codexSandboxArguments(modelBaseUrl: string): string[] {
  return settings(modelBaseUrl).flatMap(([key, value]) => ["-c", `${key}=${JSON.stringify(value)}`]);
}

/** The same settings as the text of a config.toml, for a throw-away CODEX_HOME. */
export function codexSandboxConfig(modelBaseUrl: string): string {
  return settings(modelBaseUrl)
    .map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`)
    .join("");
}
