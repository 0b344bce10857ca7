import { join } from "node:path";
import { systemClock } from "../../../src/base/clock";
import type { Log } from "../../../src/base/log";
import { createExclusiveNames } from "../../../src/machine/exclusive";
import { createMachineLock } from "../../../src/machine/machineLock";
import { createSpentTokens } from "../../../src/machine/spentTokens";
import { createTokenShare } from "../../../src/machine/tokenShare";
import type { Account } from "../../../src/platform/oauth/account";
import { TokenEndpoint } from "../../../src/platform/oauth/tokenEndpoint";
import { TokenSource } from "../../../src/platform/oauth/tokenSource";
import { FakeSecrets } from "../../unit/platform/fakes";

/** A window's sign-in, its own secret store, and what it logged. */
export interface TokenWindow {
  readonly tokens: TokenSource;
  readonly secrets: FakeSecrets;
  readonly logged: readonly string[];
}

/** Opens a window on the machine's real lock, channel and list in `folder`. */
export async function openWindow(
  folder: string,
  account: Account,
  secrets = new FakeSecrets(),
): Promise<TokenWindow> {
  const logged: string[] = [];
  const note = (message: string, fields?: object): void => {
    logged.push(`${message} ${JSON.stringify(fields)}`);
  };
  const log: Log = { debug: note, info: note, warn: note, error: note };
  const context = { clock: systemClock, log };
  const names = await createExclusiveNames(folder, context);
  const tokens = new TokenSource({
    account,
    secrets,
    lock: createMachineLock(folder, names, context),
    share: createTokenShare(names, context),
    spent: createSpentTokens(join(folder, "spent-tokens")),
    endpoint: new TokenEndpoint({ account, clock: systemClock }),
    clock: systemClock,
    log,
  });
  return { tokens, secrets, logged };
}
