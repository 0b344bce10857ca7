import type { Platform } from "../../src/core/ports/platform";
import type { Life } from "./life";
import type { Mutant } from "./mutant";

/** A port with some of its methods replaced; the others stay bound to it. */
export function changed<T extends object>(port: T, changes: Partial<T>): T {
  return new Proxy(port, {
    get: (target, key): unknown => {
      const other: unknown = Reflect.get(changes, key);
      if (other !== undefined) return other;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

export function overPlatform(change: (inner: Platform, life: Life) => Partial<Platform>): Mutant {
  return (ports, _world, life) => ({
    ...ports,
    platform: changed(ports.platform, change(ports.platform, life)),
  });
}
