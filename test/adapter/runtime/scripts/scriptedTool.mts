import { scriptedToolMain } from "../../../../src/sandbox/scriptedTool/entry";

process.exitCode = await scriptedToolMain(process.argv.slice(2));
