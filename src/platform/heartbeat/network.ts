import * as z from "zod/mini";

/** What a thread, which is a realm of its own, must be told about the way to the platform. */
export const networkSchema = z.object({
  /** `http://` or `https://` address of a proxy, with credentials where it needs them. */
  proxy: z.optional(z.string()),
  /** Hosts that go past the proxy, as NO_PROXY lists them. */
  noProxy: z.optional(z.string()),
  /** Certificates (PEM) trusted besides Node's own. */
  ca: z.optional(z.array(z.string())),
});

export type NetworkFacts = z.infer<typeof networkSchema>;

/** The proxy for this address, or undefined when it is reached directly. */
export function proxyFor(url: URL, network: NetworkFacts): URL | undefined {
  const { proxy } = network;
  if (proxy === undefined || proxy === "" || bypasses(url, network.noProxy ?? "")) return undefined;
  const address = proxy.includes("://") ? proxy : `http://${proxy}`;
  if (!URL.canParse(address)) return undefined;
  const parsed = new URL(address);
  return parsed.protocol === "http:" || parsed.protocol === "https:" ? parsed : undefined;
}

/** This machine itself is never behind a proxy. */
function bypasses(url: URL, noProxy: string): boolean {
  const host = url.hostname.toLowerCase();
  if (host === "localhost" || host === "[::1]" || host.startsWith("127.")) return true;
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/u)
    .filter((entry) => entry !== "")
    .some((entry) => {
      if (entry === "*") return true;
      const parts = /^(.*?)(?::(\d+))?$/u.exec(entry);
      if (parts?.[2] !== undefined && parts[2] !== port) return false;
      const name = (parts?.[1] ?? "").replace(/^\*?\.?/u, "");
      return name !== "" && (host === name || host.endsWith(`.${name}`));
    });
}

/** The editor's and the environment's words on proxies, as one value. The editor's setting wins. */
export function networkFacts(sources: {
  /** The editor's `http.proxy`. */
  readonly proxySetting: string | undefined;
  /** The editor's `http.noProxy`. */
  readonly noProxySetting: readonly string[] | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly ca: readonly string[];
}): NetworkFacts {
  const { environment } = sources;
  const first = (...values: (string | undefined)[]): string | undefined =>
    values.find((value) => value !== undefined && value.trim() !== "")?.trim();
  const proxy = first(
    sources.proxySetting,
    environment["https_proxy"],
    environment["HTTPS_PROXY"],
    environment["all_proxy"],
    environment["ALL_PROXY"],
  );
  const listed = sources.noProxySetting?.join(",");
  const noProxy = first(listed, environment["no_proxy"], environment["NO_PROXY"]);
  return {
    ...(proxy === undefined ? {} : { proxy }),
    ...(noProxy === undefined ? {} : { noProxy }),
    ...(sources.ca.length === 0 ? {} : { ca: [...sources.ca] }),
  };
}
