import { homedir } from "node:os";
import { runCommand } from "../commandRunner";
import { markerName } from "../environment";

type CommandRequest = Parameters<typeof runCommand>[0];

/**
 * Runs a program that does nothing under the process keeper. Throws ProcessStartError, or the signal's reason. Undefined
 * when it worked, else how it ended.
 */
export async function probeKeeper(
  request: Pick<CommandRequest, "clock" | "log" | "redactor" | "keeper" | "signal" | "limitMs"> & {
    /** Random. */
    readonly marker: string;
  },
): Promise<string | undefined> {
  const { marker, ...rest } = request;
  const result = await runCommand({
    ...rest,
    // The editor's own program, which is there on every system and is a Node when told so.
    command: [request.keeper.execPath, "--eval", ""],
    workingDirectory: homedir(),
    environment: { ELECTRON_RUN_AS_NODE: "1", [markerName]: marker },
  });
  return result.ok ? undefined : result.ended;
}
