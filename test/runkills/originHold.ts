import { existsSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

const hooks = ["pre-receive", "post-receive"] as const;

/** Hooks of the bare origin that let a push wait, before or after it took effect. */
export class OriginHold {
  readonly #origin: string;

  private constructor(origin: string) {
    this.#origin = origin;
  }

  static async in(origin: string): Promise<OriginHold> {
    for (const hook of hooks) {
      const script = `#!/bin/sh\n[ -e hold-${hook} ] || exit 0\n: > held\nwhile [ -e hold-${hook} ]; do sleep 0.05; done\n`;
      await writeFile(join(origin, "hooks", hook), script, { mode: 0o755 });
    }
    return new OriginHold(origin);
  }

  /** The next push waits there. */
  async hold(hook: (typeof hooks)[number]): Promise<void> {
    await writeFile(join(this.#origin, `hold-${hook}`), "");
  }

  /** Does a push wait? */
  holds(): boolean {
    return existsSync(join(this.#origin, "held"));
  }

  release(): void {
    for (const name of ["held", ...hooks.map((hook) => `hold-${hook}`)]) {
      rmSync(join(this.#origin, name), { force: true });
    }
  }
}
