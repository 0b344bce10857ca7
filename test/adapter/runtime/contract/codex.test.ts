import { openCodex } from "./codexBench";
import { runtimeContract } from "./contract";
import { codexFacts } from "./facts";

runtimeContract(codexFacts, openCodex);
