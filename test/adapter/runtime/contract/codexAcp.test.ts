import { openBareCodexAcp, openCodexAcp } from "./codexBench";
import { runtimeContract } from "./contract";
import { codexAcpFacts } from "./facts";

runtimeContract(codexAcpFacts, openCodexAcp, openBareCodexAcp);
