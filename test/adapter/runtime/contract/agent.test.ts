import { openAgent } from "./agentBench";
import { runtimeContract } from "./contract";
import { agentFacts } from "./facts";

runtimeContract(agentFacts, openAgent);
