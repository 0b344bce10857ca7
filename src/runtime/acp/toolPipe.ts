import { connect } from "node:net";

// A program that an agent starts as a server of tools: it carries the lines to the worker and back, and knows nothing of them.
// Its argument is the address; the key is in its environment.

const socket = connect(process.argv[2] ?? "");
socket.on("error", () => process.exit(1));
socket.on("close", () => process.exit(0));
socket.write(`${process.env["ONE_HORIZON_TOOLS_KEY"] ?? ""}\n`);
process.stdin.pipe(socket);
socket.pipe(process.stdout);
