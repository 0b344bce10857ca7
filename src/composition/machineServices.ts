import { homedir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../base/clock";
import type { Log } from "../base/log";
import type { GroupBoard } from "../core/ports/groupBoard";
import type { Slots } from "../core/ports/machine";
import type { MachineLock, WorkerLock } from "../core/ports/machineLock";
import type { SpentTokens } from "../core/ports/spentTokens";
import type { TokenShare } from "../core/ports/tokenShare";
import type { WindowLink } from "../core/ports/windowLink";
import type { Configurations } from "../core/ports/configurations";
import { createConfigStore } from "../machine/configStore";
import { createConsentStore, type ConsentStore } from "../machine/consentStore";
import { createExclusiveNames } from "../machine/exclusive";
import { createGroupBoard } from "../machine/groupBoard";
import { createMachineLock } from "../machine/machineLock";
import { OwnerNotes } from "../machine/ownerNotes";
import { machinePaths, type MachinePaths } from "../machine/paths";
import { readPlace } from "../machine/place";
import { createSlots } from "../machine/slots";
import { createSpentTokens } from "../machine/spentTokens";
import { createTokenShare } from "../machine/tokenShare";
import { createWindowLink } from "../machine/windowLink";

/** What all windows of this machine share. */
export interface MachineServices {
  readonly home: string;
  readonly paths: MachinePaths;
  readonly lock: MachineLock;
  /** Also against containers that share the home folder. */
  readonly workerLock: WorkerLock;
  readonly slots: Slots;
  readonly groups: GroupBoard;
  readonly configurations: Configurations;
  readonly consents: ConsentStore;
  readonly spent: SpentTokens;
  readonly share: TokenShare;
  readonly windows: WindowLink;
}

export async function openMachineServices(clock: Clock, log: Log): Promise<MachineServices> {
  const home = homedir();
  const paths = machinePaths(home);
  const context = { clock, log };
  const place = await readPlace();
  const names = await createExclusiveNames(paths.state, context, { place });
  const notes = new OwnerNotes(paths.state, place, context);
  return {
    home,
    paths,
    lock: createMachineLock(paths.state, names, context),
    workerLock: createMachineLock(paths.state, names, context, notes),
    slots: createSlots(paths.state, paths.foreignExecutions, names, context, place),
    groups: createGroupBoard(paths.state, context),
    configurations: createConfigStore(paths.state, context),
    consents: createConsentStore(paths.state, context),
    spent: createSpentTokens(join(paths.state, "spent-tokens")),
    share: createTokenShare(names, context),
    windows: createWindowLink(names, context),
  };
}
