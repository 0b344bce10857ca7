import type { PlaceRule } from "./places";

export interface BubblewrapRequest {
  /** Absolute path. */
  readonly program: string;
  readonly rules: readonly PlaceRule[];
  readonly workingDirectory: string;
  /** Without one nothing is reached, not even this machine. */
  readonly network: boolean;
  /** Whether we run as root, which bubblewrap would else leave its rights. */
  readonly root: boolean;
}

/** Where sockets of the system's services lie; what names are resolved with is shown again. */
const services = "/run";
const resolving = [
  "/run/systemd/resolve",
  "/run/resolvconf",
  "/run/NetworkManager",
  "/run/nscd",
  "/run/current-system",
];

/**
 * argv that runs `inner` with the whole system read-only but for what the rules name, with processes and temporary files of
 * its own. Pure.
 */
export function bubblewrapArguments(request: BubblewrapRequest, inner: readonly string[]): readonly string[] {
  const { program, rules, workingDirectory, network, root } = request;
  return [
    program,
    // A right of its own only so that an agent's own sandbox can be made inside; it holds for nothing outside.
    ...["--unshare-user", "--cap-drop", "ALL", ...(root ? ["--cap-add", "CAP_SETFCAP"] : [])],
    ...["--unshare-pid", "--unshare-ipc", ...(network ? [] : ["--unshare-net"]), "--die-with-parent"],
    ...["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--tmpfs", services],
    ...resolving.flatMap((path) => ["--ro-bind-try", path, path]),
    ...rules.flatMap(mountOf),
    ...["--chdir", workingDirectory, "--"],
    ...inner,
  ];
}

function mountOf({ path, access }: PlaceRule): readonly string[] {
  switch (access) {
    case "write":
      return ["--bind", path, path];
    case "read":
      return ["--ro-bind", path, path];
    case "hidden":
      return ["--tmpfs", path];
  }
}
