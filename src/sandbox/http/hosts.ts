import type { IncomingHttpHeaders } from "node:http";

/**
 * Which Host and Origin a request may carry. A page of another site that reaches this port by a changed DNS entry
 * still sends its own name, so an exact comparison keeps it out.
 */
export interface HostRule {
  allowsHost(headers: IncomingHttpHeaders): boolean;
  /** True for no Origin (not a page) or the sandbox's own. */
  allowsOrigin(headers: IncomingHttpHeaders): boolean;
  /** From now on `host` (`name:port`) is one of the sandbox's own names. */
  allow(host: string): void;
}

/** @param extra further `host:port` values, for a forwarded port */
export function hostRule(port: number, extra: readonly string[] = []): HostRule {
  const hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, ...extra]);
  return {
    allow: (host) => void hosts.add(host.toLowerCase()),
    allowsHost: ({ host }) => host !== undefined && hosts.has(host.toLowerCase()),
    allowsOrigin: ({ origin, "sec-fetch-site": site }) => {
      if (site === "cross-site" || site === "same-site") return false;
      if (origin === undefined) return true;
      const [scheme, host] = origin.toLowerCase().split("://");
      return (scheme === "http" || scheme === "https") && host !== undefined && hosts.has(host);
    },
  };
}
